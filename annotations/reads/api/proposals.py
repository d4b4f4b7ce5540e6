"""Methods that the server computes on a reader's own open read; nothing is stored."""

import base64
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.accounts.permissions import IsReader, signed_in_user
from annotations.imaging.organs import RULES
from annotations.reads import selectors
from annotations.reads.api.reading import checked
from annotations.reads.api.serializers import LesionTextSerializer
from annotations.reads.errors import ReadFrozen
from annotations.reads.models import Read
from annotations.reads.tools import require_tool
from annotations.segmentations.asked import Asked
from annotations.segmentations.proposals import METHODS, Proposal, Scene, propose
from annotations.segmentations.rois import DEFAULT_DIAMETER_MM, read_roi
from annotations.segmentations.selectors import head_version
from annotations.segmentations.services import StaleParent


class QuestionSerializer(serializers.Serializer[Any]):
    """version: the stored one that the proposal is computed on, of the read's own lineage."""

    version = serializers.UUIDField()
    method = serializers.ChoiceField(list(METHODS))
    parameters = serializers.DictField(required=False, default=dict)


class ProposalSerializer(serializers.Serializer[Any]):
    """patch: as in an edit, against `version`. tool, parameters: what the edit is saved with.

    report: to be shown; it always holds voxel_count and volume_ml (of the lesion as it would be),
    voxel_count_before and volume_ml_before (null for a new lesion), and warnings: {code, message}.
    """

    patch = serializers.CharField()
    lesions = LesionTextSerializer(many=True)
    tool = serializers.CharField()
    parameters = serializers.DictField()
    report = serializers.DictField()


def proposal_json(proposal: Proposal) -> dict[str, Any]:
    return {
        "patch": base64.b64encode(proposal.patch).decode(),
        "lesions": proposal.lesions,
        "tool": proposal.tool,
        "parameters": proposal.parameters,
        "report": proposal.report,
    }


def require_open(read: Read) -> None:
    if read.state == Read.State.FINAL:
        raise ReadFrozen("The segmentation is final. Take it up again to change it.", state=read.state)
    if read.state != Read.State.OPEN:
        raise ReadFrozen("The read is not open any more.", state=read.state)


def open_scene(read: Read, version_id: UUID) -> Scene:
    """Raises ReadFrozen unless the read is open, StaleParent for a version that is not of its lineage."""
    require_open(read)
    versions = read.segmentation.versions.select_related("segmentation__volume__series", "labels")
    version = versions.prefetch_related("lesions").filter(pk=version_id).first()
    if version is None:
        raise StaleParent(
            "This version is not one of this read.",
            head=str(head_version(read.segmentation).pk),
            parent=str(version_id),
        )
    return Scene(version, read.assignment.case.suv_revision)


class NewRoiSerializer(serializers.Serializer[Any]):
    organ = serializers.ChoiceField(list(RULES))
    centre_xyz_mm = serializers.ListField(child=serializers.FloatField(), min_length=3, max_length=3)
    diameter_mm = serializers.FloatField(required=False, default=DEFAULT_DIAMETER_MM)


class RoiWarningSerializer(serializers.Serializer[Any]):
    code = serializers.ChoiceField(["not_homogeneous", "unlike_organ", "off_tracer", "cut_by_border"])
    message = serializers.CharField()


class OrganRoiSerializer(NewRoiSerializer):
    """suv_sd: sample SD (n - 1). coefficient_of_variation: SD / mean, null for a mean of 0 or less."""

    diameter_mm = serializers.FloatField()
    voxel_count = serializers.IntegerField()
    volume_ml = serializers.FloatField()
    suv_mean = serializers.FloatField()
    suv_sd = serializers.FloatField()
    suv_max = serializers.FloatField()
    sd_estimator = serializers.CharField()
    coefficient_of_variation = serializers.FloatField(allow_null=True)
    limit_coefficient_of_variation = serializers.FloatField()
    threshold_suv = serializers.FloatField()
    formula = serializers.CharField()
    warnings = RoiWarningSerializer(many=True)


class OrganRoiView(APIView):
    permission_classes = [IsReader]

    @extend_schema(operation_id="measure_organ_roi", request=NewRoiSerializer, responses=OrganRoiSerializer)
    def post(self, request: Request, read_id: UUID) -> Response:
        """Measure a sphere in an organ, and the threshold that follows. Nothing is stored."""
        read = selectors.own_read(signed_in_user(request), read_id)
        require_open(read)
        case = read.assignment.case
        roi = read_roi(Asked("organ_roi", checked(NewRoiSerializer, request)), case.volume, case.suv_revision)
        return Response(OrganRoiSerializer(roi.to_json()).data)


class ProposalsView(APIView):
    permission_classes = [IsReader]

    @extend_schema(operation_id="propose_edit", request=QuestionSerializer, responses=ProposalSerializer)
    def post(self, request: Request, read_id: UUID) -> Response:
        """Compute a method and answer with the edit it would be."""
        read = selectors.own_read(signed_in_user(request), read_id)
        question = checked(QuestionSerializer, request)
        require_tool(read.assignment.arm, question["method"])
        scene = open_scene(read, question["version"])
        proposal = propose(scene=scene, method=question["method"], parameters=question["parameters"])
        return Response(ProposalSerializer(proposal_json(proposal)).data)
