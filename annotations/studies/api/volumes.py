"""A volume: header, voxels, rotating MIP, and the correction of its SUV."""

from typing import Any
from uuid import UUID

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.accounts.models import User
from annotations.accounts.permissions import IsDataManager, signed_in_user
from annotations.audit.services import record_access
from annotations.dicom.suv import SuvRecord
from annotations.errors import NotFound
from annotations.store.responses import blob_response
from annotations.studies import selectors, services
from annotations.studies.api.serializers import VolumeSerializer, volume_json
from annotations.studies.models import SuvRevision, Volume

BYTES = {(200, "application/octet-stream"): OpenApiTypes.BINARY, 304: None}


def visible_volume(user: User, volume_id: UUID) -> Volume:
    """Raises NotFound when there is no such volume or the user may not see it."""
    volumes = selectors.volumes_visible_to(user).select_related("series__study", "voxels", "mip")
    volume = volumes.filter(pk=volume_id).first()
    if volume is None:
        raise NotFound("There is no such volume, or it is not yours to see.")
    return volume


def chosen_revision(volume: Volume, revision_id: UUID | None) -> SuvRevision | None:
    """The revision asked for, else the newest; None when the volume is no PET. Raises NotFound."""
    if revision_id is None:
        return selectors.current_suv_revision(volume)
    revision = volume.suv_revisions.filter(pk=revision_id).first()
    if revision is None:
        raise NotFound("This volume has no such SUV revision.")
    return revision


class RevisionSerializer(serializers.Serializer[Any]):
    suv_revision = serializers.UUIDField(required=False, allow_null=True, default=None)


class VolumeView(APIView):
    @extend_schema(
        operation_id="get_volume",
        parameters=[OpenApiParameter("suv_revision", UUID, description="Default: the newest.")],
        responses=VolumeSerializer,
    )
    def get(self, request: Request, volume_id: UUID) -> Response:
        wanted = RevisionSerializer(data=request.query_params)
        wanted.is_valid(raise_exception=True)
        volume = visible_volume(signed_in_user(request), volume_id)
        revision = chosen_revision(volume, wanted.validated_data["suv_revision"])
        return Response(VolumeSerializer(volume_json(volume, revision)).data)


class VoxelsView(APIView):
    @extend_schema(operation_id="get_voxels", responses=BYTES)
    def get(self, request: Request, volume_id: UUID) -> HttpResponseBase:
        """Stored integers, little-endian [z, y, x]."""
        user = signed_in_user(request)
        volume = visible_volume(user, volume_id)
        record_access(actor=user, action="images_seen", object_type="volume", object_id=volume.pk)
        return blob_response(request, volume.voxels)


class MipView(APIView):
    @extend_schema(operation_id="get_mip", responses=BYTES)
    def get(self, request: Request, volume_id: UUID) -> HttpResponseBase:
        """Frames uint8 [angle][row][column]; what they mean is in the volume's `mip`."""
        volume = visible_volume(signed_in_user(request), volume_id)
        if volume.mip is None:
            raise NotFound("This volume has no rotating projection.")
        return blob_response(request, volume.mip)


class SuvCorrectionSerializer(serializers.Serializer[Any]):
    """corrections: weight_kg, height_m, sex, dose_bq, injection_datetime, reference_datetime.
    based_on: the number of the revision that was looked at; a newer one is then a conflict.
    """

    corrections = serializers.DictField()
    reason = serializers.CharField(max_length=2000)
    based_on = serializers.IntegerField(required=False, min_value=1)


class SuvPreviewRequestSerializer(serializers.Serializer[Any]):
    corrections = serializers.DictField()


class SuvValuesSerializer(serializers.Serializer[Any]):
    """The correctable values in effect; times on the scanner's clock."""

    weight_kg = serializers.FloatField(allow_null=True)
    height_m = serializers.FloatField(allow_null=True)
    sex = serializers.CharField(allow_blank=True)
    dose_bq = serializers.FloatField(allow_null=True)
    injection_datetime = serializers.CharField(allow_null=True)
    reference_datetime = serializers.CharField(allow_null=True)


class SuvOutcomeSerializer(serializers.Serializer[Any]):
    """factor: SUVbw per unit of the series; null with a refusal where there is none."""

    factor = serializers.FloatField(allow_null=True)
    refusal = serializers.CharField(allow_blank=True)
    warnings = serializers.ListField(child=serializers.CharField())
    values = SuvValuesSerializer()


class SuvRevisionSerializer(SuvOutcomeSerializer):
    """corrections: values that differ from the files, by name. Revision 1 is the import's."""

    number = serializers.IntegerField()
    reason = serializers.CharField(allow_blank=True)
    corrections = serializers.DictField()
    created_by = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()


def outcome_json(record: SuvRecord) -> dict[str, Any]:
    inputs, corrected = record.inputs, record.corrections
    return {
        "factor": record.factor,
        "refusal": record.refusal_message,
        "warnings": [warning.message for warning in record.warnings],
        "values": {
            "weight_kg": record.weight_kg or corrected.get("weight_kg") or inputs.weight_kg,
            "height_m": corrected.get("height_m") or inputs.height_m,
            "sex": corrected.get("sex") or inputs.sex,
            "dose_bq": record.dose_bq or corrected.get("dose_bq"),
            "injection_datetime": record.injection_datetime or inputs.injection_datetime,
            "reference_datetime": record.reference_datetime,
        },
    }


def managed_volume(user: User, volume_id: UUID) -> Volume:
    """Raises NotFound when the user is not a data manager of the volume's project."""
    volume = visible_volume(user, volume_id)
    if not selectors.projects_managed_by(user).filter(pk=volume.series.study.project_id).exists():
        raise NotFound("There is no such volume, or it is not yours to manage.")
    return volume


class SuvRevisionListView(APIView):
    permission_classes = [IsDataManager]

    @extend_schema(operation_id="list_suv_revisions", responses=SuvRevisionSerializer(many=True))
    def get(self, request: Request, volume_id: UUID) -> Response:
        """Newest first, with who corrected what and why."""
        volume = managed_volume(signed_in_user(request), volume_id)
        rows = [
            {
                **outcome_json(SuvRecord.from_json(revision.record)),
                "number": revision.number,
                "reason": revision.reason,
                "corrections": revision.record["corrections"],
                "created_by": revision.created_by.username if revision.created_by else "",
                "created_at": revision.created_at,
            }
            for revision in volume.suv_revisions.select_related("created_by").order_by("-number")
        ]
        return Response(SuvRevisionSerializer(rows, many=True).data)

    @extend_schema(
        operation_id="correct_suv", request=SuvCorrectionSerializer, responses={201: VolumeSerializer}
    )
    def post(self, request: Request, volume_id: UUID) -> Response:
        """A corrected tag is a new revision of the same volume; earlier ones stay."""
        form = SuvCorrectionSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        user = signed_in_user(request)
        volume = managed_volume(user, volume_id)
        revision = services.correct_suv(volume=volume, corrected_by=user, **form.validated_data)
        data = VolumeSerializer(volume_json(volume, revision)).data
        return Response(data, status=status.HTTP_201_CREATED)


class SuvPreviewView(APIView):
    permission_classes = [IsDataManager]

    @extend_schema(
        operation_id="preview_suv", request=SuvPreviewRequestSerializer, responses=SuvOutcomeSerializer
    )
    def post(self, request: Request, volume_id: UUID) -> Response:
        """What these corrections would give. Nothing is stored."""
        form = SuvPreviewRequestSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        volume = managed_volume(signed_in_user(request), volume_id)
        record = services.corrected_record(volume=volume, corrections=form.validated_data["corrections"])
        return Response(SuvOutcomeSerializer(outcome_json(record)).data)
