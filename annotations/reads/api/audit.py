"""Who did what to which object, when and why: of a study, plan, read, version; all of it for administrators.

The endpoints live in this room because it knows what belongs to a reader study; the record itself is
the audit room's. Reading it is itself a look at a study's data: readers never may.
"""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.accounts.permissions import IsAdministrator, IsCoordinator, signed_in_user
from annotations.audit.models import AuditRecord
from annotations.audit.selectors import AuditFilter, all_entries, entries_of, filtered
from annotations.errors import NotFound
from annotations.reads import selectors
from annotations.reads.audit_trail import entries_of_plan, entries_of_read, entries_of_reader_study
from annotations.reads.errors import ReadsInStudy
from annotations.reads.models import ReaderStudy
from annotations.reads.results import results_are_open
from annotations.segmentations.selectors import staff_version
from annotations.segmentations.visibility import masked_volumes

MASKED = "masked until the results are open"


class AuditQuerySerializer(serializers.Serializer[Any]):
    object_type = serializers.CharField(required=False, default="", max_length=40)
    object_id = serializers.CharField(required=False, default="", max_length=64)
    action = serializers.CharField(required=False, default="", max_length=60)
    actor = serializers.CharField(required=False, default="", max_length=150)
    since = serializers.DateTimeField(required=False, allow_null=True, default=None)
    until = serializers.DateTimeField(required=False, allow_null=True, default=None)
    page = serializers.IntegerField(required=False, default=1, min_value=1)
    page_size = serializers.IntegerField(required=False, default=100, min_value=1, max_value=1000)


class AuditEntrySerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    actor = serializers.CharField()
    action = serializers.CharField()
    object_type = serializers.CharField()
    object_id = serializers.CharField()
    old = serializers.JSONField(allow_null=True)
    new = serializers.JSONField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)


class AuditPageSerializer(serializers.Serializer[Any]):
    """Oldest first. next: number of the next page, null on the last."""

    count = serializers.IntegerField()
    next = serializers.IntegerField(allow_null=True)
    entries = AuditEntrySerializer(many=True)


PARAMETERS = [
    OpenApiParameter("object_type", str),
    OpenApiParameter("object_id", str),
    OpenApiParameter("action", str),
    OpenApiParameter("actor", str, description="User name at that time; 'system' for a worker."),
    OpenApiParameter("since", str, description="ISO time, included."),
    OpenApiParameter("until", str, description="ISO time, not included."),
    OpenApiParameter("page", int),
    OpenApiParameter("page_size", int, description="At most 1000."),
]


def page_response(
    request: Request, entries: QuerySet[AuditRecord], *, masks_scores: bool = False
) -> Response:
    query = AuditQuerySerializer(data=request.query_params)
    query.is_valid(raise_exception=True)
    values = dict(query.validated_data)
    number, size = values.pop("page"), values.pop("page_size")
    pages = Paginator(filtered(entries, AuditFilter(**values)), size)
    if number > pages.num_pages:
        raise NotFound("There is no such page.", pages=pages.num_pages)
    page = pages.page(number)
    data = {
        "count": pages.count,
        "next": page.next_page_number() if page.has_next() else None,
        "entries": [_entry_json(entry, masks_scores) for entry in page.object_list],
    }
    return Response(AuditPageSerializer(data).data)


def _entry_json(entry: AuditRecord, masks_scores: bool) -> dict[str, Any]:
    """A score belongs to an AI arm, and is a result: masked as long as results are."""
    masked = masks_scores and entry.action in ("read_scored", "score_revised")
    return {
        "id": entry.pk,
        "at": entry.at,
        "actor": entry.actor_name,
        "action": entry.action,
        "object_type": entry.object_type,
        "object_id": entry.object_id,
        "old": None if masked else entry.old,
        "new": {"masked": MASKED} if masked else entry.new,
        "reason": entry.reason,
    }


class AuditView(APIView):
    permission_classes = [IsAdministrator]

    @extend_schema(operation_id="list_audit", parameters=PARAMETERS, responses=AuditPageSerializer)
    def get(self, request: Request) -> Response:
        if masked_volumes(signed_in_user(request)).exists():
            raise ReadsInStudy("You read in a masked study: the record is masked until its data lock.")
        return page_response(request, all_entries())


class ReaderStudyAuditView(APIView):
    permission_classes = [IsCoordinator]

    @extend_schema(
        operation_id="list_reader_study_audit", parameters=PARAMETERS, responses=AuditPageSerializer
    )
    def get(self, request: Request, reader_study_id: UUID) -> Response:
        study = selectors.reader_study_for(signed_in_user(request), reader_study_id)
        return page_response(request, entries_of_reader_study(study), masks_scores=_masks(study))


class PlanAuditView(APIView):
    permission_classes = [IsCoordinator]

    @extend_schema(operation_id="list_plan_audit", parameters=PARAMETERS, responses=AuditPageSerializer)
    def get(self, request: Request, reader_study_id: UUID, number: int) -> Response:
        study = selectors.reader_study_for(signed_in_user(request), reader_study_id)
        plan = next((one for one in study.plans.all() if one.number == number), None)
        if plan is None:
            raise NotFound("There is no such version of the plan.", number=number)
        return page_response(request, entries_of_plan(plan))


class ReadAuditView(APIView):
    permission_classes = [IsCoordinator]

    @extend_schema(operation_id="list_read_audit", parameters=PARAMETERS, responses=AuditPageSerializer)
    def get(self, request: Request, read_id: UUID) -> Response:
        read = selectors.any_read(read_id)
        study = selectors.reader_study_for(signed_in_user(request), read.assignment.plan.reader_study_id)
        return page_response(request, entries_of_read(read), masks_scores=_masks(study))


class VersionAuditView(APIView):
    permission_classes = [IsCoordinator]

    @extend_schema(operation_id="list_version_audit", parameters=PARAMETERS, responses=AuditPageSerializer)
    def get(self, request: Request, version_id: UUID) -> Response:
        version = staff_version(signed_in_user(request), version_id)
        return page_response(request, entries_of("version", version.pk))


def _masks(study: ReaderStudy) -> bool:
    return not results_are_open(study)
