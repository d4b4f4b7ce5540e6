"""What a reader may compare the own segmentation with. Rules: annotations/reads/comparisons.py."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.accounts.permissions import IsReader, signed_in_user
from annotations.reads import selectors
from annotations.reads.comparisons import HIDES_AI, own_versions, versions_beside
from annotations.reads.models import Arm, Read
from annotations.segmentations.models import Version

TITLES = {"ai": "AI result", "reference": "Reference"}


class ComparisonSerializer(serializers.Serializer[Any]):
    """number: of the version in this read's own lineage, null for another's. created_at: null for another's
    and where the plan masks past times.
    """

    version = serializers.UUIDField()
    kind = serializers.ChoiceField(["start", "earlier", "ai", "reference"])
    title = serializers.CharField()
    number = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField(allow_null=True)


def comparisons_json(read: Read) -> list[dict[str, Any]]:
    """The content of ComparisonSerializer: the own lineage, oldest first, then AI result and reference."""
    shows_times = "past_times" not in read.assignment.plan.masked
    own = [
        {
            "version": version.pk,
            "kind": "start" if version.number == 1 else "earlier",
            "title": _title(read, version),
            "number": version.number,
            "created_at": version.created_at if shows_times else None,
        }
        for version in own_versions(read)
    ]
    others = [
        {
            "version": one.version,
            "kind": one.kind,
            "title": TITLES[one.kind],
            "number": None,
            "created_at": None,
        }
        for one in versions_beside(Read.objects.filter(pk=read.pk))
    ]
    return own + others


def _title(read: Read, version: Version) -> str:
    """The start is named the AI result only where the plan lets the reader know."""
    if version.number > 1:
        return f"Version {version.number}"
    is_known_ai = read.assignment.arm.start == Arm.Start.AI and not HIDES_AI & set(
        read.assignment.plan.masked
    )
    return "Start (AI result)" if is_known_ai else "Start"


class ComparisonsView(APIView):
    permission_classes = [IsReader]

    @extend_schema(operation_id="list_comparisons", responses=ComparisonSerializer(many=True))
    def get(self, request: Request, read_id: UUID) -> Response:
        read = selectors.own_read(signed_in_user(request), read_id)
        return Response(ComparisonSerializer(comparisons_json(read), many=True).data)
