"""The coordinator's endpoints of a running study: progress, re-opening, exemptions, adjudication."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.accounts.models import User
from annotations.accounts.permissions import IsCoordinator, signed_in_user
from annotations.errors import InvalidInput, NotFound
from annotations.reads import selectors, services
from annotations.reads.api.reading import checked
from annotations.reads.api.result_serializers import (
    AbandonedSerializer,
    AdjudicatedSerializer,
    AdjudicationRequestSerializer,
    CaseReadSerializer,
    ExemptionRequestSerializer,
    ExemptionSerializer,
    ProgressSerializer,
    ReopenedSerializer,
)
from annotations.reads.api.serializers import ReasonSerializer
from annotations.reads.models import Assignment, Case, Read
from annotations.reads.progress import progress_of
from annotations.segmentations.selectors import current_measures


def seen_assignment(user: User, assignment_id: UUID) -> Assignment:
    """An assignment of a study the user may see, else NotFound or ReadsInStudy."""
    assignment = selectors.any_assignment(assignment_id)
    selectors.reader_study_for(user, assignment.plan.reader_study_id)
    return assignment


class ProgressView(APIView):
    permission_classes = [IsCoordinator]

    @extend_schema(operation_id="get_progress", responses=ProgressSerializer)
    def get(self, request: Request, reader_study_id: UUID) -> Response:
        study = selectors.reader_study_for(signed_in_user(request), reader_study_id)
        return Response(ProgressSerializer(progress_of(study)).data)


class ReopenView(APIView):
    permission_classes = [IsCoordinator]

    @extend_schema(
        operation_id="reopen_assignment", request=ReasonSerializer, responses={201: ReopenedSerializer}
    )
    def post(self, request: Request, assignment_id: UUID) -> Response:
        user = signed_in_user(request)
        assignment = seen_assignment(user, assignment_id)
        read = services.reopen_assignment(
            assignment=assignment, by=user, **checked(ReasonSerializer, request)
        )
        data = ReopenedSerializer({"read": read.pk, "attempt": read.attempt}).data
        return Response(data, status=status.HTTP_201_CREATED)


class AbandonAssignmentView(APIView):
    permission_classes = [IsCoordinator]

    @extend_schema(operation_id="abandon_assignment", request=ReasonSerializer, responses=AbandonedSerializer)
    def post(self, request: Request, assignment_id: UUID) -> Response:
        user = signed_in_user(request)
        read = services.open_read_of(seen_assignment(user, assignment_id))
        read = services.abandon_read(read=read, by=user, **checked(ReasonSerializer, request))
        return Response(AbandonedSerializer({"read": read.pk, "state": read.state}).data)


class ExemptView(APIView):
    permission_classes = [IsCoordinator]

    @extend_schema(
        operation_id="exempt_assignment",
        request=ExemptionRequestSerializer,
        responses={201: ExemptionSerializer},
    )
    def post(self, request: Request, assignment_id: UUID) -> Response:
        user = signed_in_user(request)
        assignment = seen_assignment(user, assignment_id)
        values = checked(ExemptionRequestSerializer, request)
        made = services.exempt_assignment(assignment=assignment, by=user, **values)
        data = {
            "assignment": assignment.pk,
            "rule": made.rule,
            "reason": made.reason,
            "granted_at": made.granted_at,
        }
        return Response(ExemptionSerializer(data).data, status=status.HTTP_201_CREATED)


class CaseReadsView(APIView):
    permission_classes = [IsCoordinator]

    @extend_schema(operation_id="list_case_reads", responses=CaseReadSerializer(many=True))
    def get(self, request: Request, reader_study_id: UUID, case_id: UUID) -> Response:
        case = _case(signed_in_user(request), reader_study_id, case_id)
        items = [_read_json(read) for read in _submitted(case)]
        return Response(CaseReadSerializer(items, many=True).data)


class AdjudicateView(APIView):
    permission_classes = [IsCoordinator]

    @extend_schema(
        operation_id="adjudicate_case",
        request=AdjudicationRequestSerializer,
        responses={201: AdjudicatedSerializer},
    )
    def post(self, request: Request, reader_study_id: UUID, case_id: UUID) -> Response:
        user = signed_in_user(request)
        case = _case(user, reader_study_id, case_id)
        values = checked(AdjudicationRequestSerializer, request)
        found = {read.pk: read for read in _submitted(case)}
        missing = [str(pk) for pk in values["reads"] if pk not in found]
        if missing:
            raise InvalidInput("A read is not a submitted read of this case.", missing=missing)
        version, parameters = services.adjudicate_case(
            case=case,
            by=user,
            method=values["method"],
            reads=[found[pk] for pk in values["reads"]],
            chosen=found.get(values["chosen"]),
            reason=values["reason"],
        )
        data = AdjudicatedSerializer({"version": version.pk, "parameters": parameters}).data
        return Response(data, status=status.HTTP_201_CREATED)


def _case(user: User, reader_study_id: UUID, case_id: UUID) -> Case:
    study = selectors.reader_study_for(user, reader_study_id)
    joined = Case.objects.select_related("volume__series__study", "suv_revision", "reference")
    case = joined.filter(reader_study=study, pk=case_id).first()
    if case is None:
        raise NotFound("There is no such case in this reader study.")
    return case


def _submitted(case: Case) -> list[Read]:
    """Of each assignment the read of record, in an order that says nothing of arms."""
    reads = Read.objects.filter(assignment__case=case, state=Read.State.SUBMITTED)
    reads = reads.select_related(
        "assignment__reader", "final_version__labels", "final_version__segmentation__volume"
    ).prefetch_related("final_version__measure_sets")
    first: dict[UUID, Read] = {}
    for read in reads.order_by("attempt"):
        first.setdefault(read.assignment_id, read)
    return sorted(first.values(), key=lambda read: str(read.pk))


def _read_json(read: Read) -> dict[str, Any]:
    assert read.final_version is not None
    reader, summary = read.assignment.reader, current_measures(read.final_version).summary
    return {
        "read": read.pk,
        "reader": {
            "id": reader.pk,
            "username": reader.username,
            "name": reader.get_full_name() or reader.username,
        },
        "final_version": read.final_version_id,
        "lesion_count": summary["lesion_count"],
        "ttv_ml": summary["ttv_ml"],
    }
