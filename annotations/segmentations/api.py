"""A study with its segmentations; versions with their lesions; label maps."""

from typing import Any
from uuid import UUID

from django.http.response import HttpResponseBase
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.accounts.models import User
from annotations.accounts.permissions import IsStaffRole, signed_in_user
from annotations.errors import NotFound
from annotations.segmentations.codes_api import CodesView
from annotations.segmentations.models import Lesion, ProducerKind, Segmentation, Version
from annotations.segmentations.selectors import (
    current_measures,
    is_automatic,
    segmentations_of,
    visible_version,
)
from annotations.store.responses import blob_response
from annotations.studies.api.serializers import SeriesSerializer, StudySummarySerializer
from annotations.studies.models import Study
from annotations.studies.selectors import studies_visible_to, with_volumes


class ProducerSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(ProducerKind.choices)
    name = serializers.CharField()


class FullProducerSerializer(ProducerSerializer):
    fingerprint = serializers.CharField()
    parameters = serializers.DictField()


class SummarySerializer(serializers.Serializer[Any]):
    """Of the lesions that are there. SUV values are null without valid SUV."""

    ttv_ml = serializers.FloatField()
    lowest_suv_mean = serializers.FloatField(allow_null=True)
    lowest_suv_mean_label = serializers.IntegerField(allow_null=True)
    lowest_suv_mean_volume_ml = serializers.FloatField(allow_null=True)
    suv_max = serializers.FloatField(allow_null=True)
    tlg = serializers.FloatField(allow_null=True)
    lesion_count = serializers.IntegerField()


class LesionSerializer(serializers.Serializer[Any]):
    """A deleted lesion has its last measures."""

    label = serializers.IntegerField()  # type: ignore[assignment]  # Field has an attribute of this name
    status = serializers.ChoiceField(Lesion.Status.choices)
    source = serializers.ChoiceField(ProducerKind.choices)  # type: ignore[assignment]  # as above
    name = serializers.CharField()
    site = serializers.CharField()
    physiological_class = serializers.CharField()
    comment = serializers.CharField()
    boundary_rule = serializers.CharField()
    voxel_count = serializers.IntegerField(allow_null=True)
    volume_ml = serializers.FloatField(allow_null=True)
    suv_max = serializers.FloatField(allow_null=True)
    suv_mean = serializers.FloatField(allow_null=True)
    suv_sd = serializers.FloatField(allow_null=True)
    suv_peak = serializers.FloatField(allow_null=True)
    suv_peak_global = serializers.FloatField(allow_null=True)
    tlg = serializers.FloatField(allow_null=True)
    centroid_xyz_mm = serializers.ListField(child=serializers.FloatField(), allow_null=True)
    max_xyz_mm = serializers.ListField(child=serializers.FloatField(), allow_null=True)


class VersionSerializer(serializers.Serializer[Any]):
    """created_at, and the parent of a lineage's first version: null for its own author. When something was
    read and what a read started from may be masked in its reader study.
    """

    id = serializers.UUIDField()
    segmentation = serializers.UUIDField()
    number = serializers.IntegerField()
    parent = serializers.UUIDField(allow_null=True)  # type: ignore[assignment]  # as above
    tool = serializers.CharField()
    created_at = serializers.DateTimeField(allow_null=True)
    content_digest = serializers.CharField()
    version_digest = serializers.CharField()
    next_label = serializers.IntegerField()
    producer = FullProducerSerializer()
    lesions = LesionSerializer(many=True)
    summary = SummarySerializer()


class SegmentationSummarySerializer(serializers.Serializer[Any]):
    """producer: of the first version. automatic_unverified: no reader has been at the newest version."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    volume = serializers.UUIDField()
    is_synthetic = serializers.BooleanField()
    is_resampled = serializers.BooleanField()
    producer = ProducerSerializer()
    version_count = serializers.IntegerField()
    head = serializers.UUIDField()
    head_summary = SummarySerializer()
    automatic_unverified = serializers.BooleanField()
    created_at = serializers.DateTimeField()


class StudyDetailSerializer(StudySummarySerializer):
    series = SeriesSerializer(many=True)
    segmentations = SegmentationSummarySerializer(many=True)
    attributes = serializers.DictField(child=serializers.CharField())

    class Meta(StudySummarySerializer.Meta):
        fields = [*StudySummarySerializer.Meta.fields, "series", "segmentations", "attributes"]


def version_json(version: Version, *, told_to: User) -> dict[str, Any]:
    """The content of VersionSerializer."""
    measures = current_measures(version)
    is_own = version.author_id == told_to.pk
    return {
        "id": version.pk,
        "segmentation": version.segmentation_id,
        "number": version.number,
        "parent": None if is_own and version.number == 1 else version.parent_id,
        "tool": version.tool,
        "created_at": None if is_own else version.created_at,
        "content_digest": version.labels_id,
        "version_digest": version.version_digest,
        "next_label": version.next_label,
        "producer": {
            "kind": version.producer_kind,
            "name": version.producer_name,
            "fingerprint": version.producer_fingerprint,
            "parameters": version.producer_parameters,
        },
        "lesions": [
            lesion_json(lesion, measures.lesions.get(str(lesion.label))) for lesion in version.lesions.all()
        ],
        "summary": measures.summary,
    }


def lesion_json(lesion: Lesion, measured: dict[str, Any] | None) -> dict[str, Any]:
    """`measured` is None for a lesion that was deleted before this SUV revision was measured."""
    found = measured or {}
    same = ("voxel_count", "volume_ml", "suv_max", "suv_mean", "suv_sd", "suv_peak_global", "tlg")
    places = ("centroid_xyz_mm", "max_xyz_mm")
    texts = ("label", "status", "source", "name", "site", "physiological_class", "comment", "boundary_rule")
    return (
        {name: getattr(lesion, name) for name in texts}
        | {name: found.get(name) for name in (*same, *places)}
        | {"suv_peak": found.get("suv_peak_local")}
    )


def segmentation_json(segmentation: Segmentation) -> dict[str, Any]:
    """The content of SegmentationSummarySerializer; versions are prefetched, oldest first."""
    versions = list(segmentation.versions.all())
    first, head = versions[0], versions[-1]
    return {
        "id": segmentation.pk,
        "title": segmentation.title,
        "volume": segmentation.volume_id,
        "is_synthetic": segmentation.is_synthetic,
        "is_resampled": segmentation.is_resampled,
        "producer": {"kind": first.producer_kind, "name": first.producer_name},
        "version_count": len(versions),
        "head": head.pk,
        "head_summary": current_measures(head).summary,
        "automatic_unverified": is_automatic(head),
        "created_at": segmentation.created_at,
    }


class StudyView(APIView):
    permission_classes = [IsStaffRole]

    @extend_schema(operation_id="get_study", responses=StudyDetailSerializer)
    def get(self, request: Request, study_id: UUID) -> Response:
        user = signed_in_user(request)
        studies = with_volumes(studies_visible_to(user))
        study: Study | None = studies.filter(pk=study_id).first()
        if study is None:
            raise NotFound("There is no such study, or it is not yours to see.")
        study.segmentations = [segmentation_json(one) for one in segmentations_of(study, user)]  # type: ignore[attr-defined]
        study.attributes = dict(study.patient.attributes.values_list("name", "value"))  # type: ignore[attr-defined]
        return Response(StudyDetailSerializer(study).data)


class VersionView(APIView):
    @extend_schema(operation_id="get_version", responses=VersionSerializer)
    def get(self, request: Request, version_id: UUID) -> Response:
        user = signed_in_user(request)
        version = visible_version(user, version_id)
        return Response(VersionSerializer(version_json(version, told_to=user)).data)


class LabelsView(APIView):
    @extend_schema(
        operation_id="get_labels",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, 304: None},
    )
    def get(self, request: Request, version_id: UUID) -> HttpResponseBase:
        """uint16, little-endian [z, y, x]."""
        return blob_response(request, visible_version(signed_in_user(request), version_id).labels)


urlpatterns = [
    path("codes/", CodesView.as_view(), name="codes"),
    path("studies/<uuid:study_id>/", StudyView.as_view(), name="study"),
    path("versions/<uuid:version_id>/", VersionView.as_view(), name="version"),
    path("versions/<uuid:version_id>/labels/", LabelsView.as_view(), name="labels"),
]
