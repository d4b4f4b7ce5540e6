"""Results of reads: by attempt, at a look; one read's timeline and differences. Coordinators only."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.accounts.models import User
from annotations.accounts.permissions import IsCoordinator, signed_in_user
from annotations.errors import InvalidInput
from annotations.reads import selectors, services
from annotations.reads.api.reading import checked
from annotations.reads.api.result_serializers import (
    DifferencesSerializer,
    LookRequestSerializer,
    LookSerializer,
    ResultsSerializer,
    TimelineSerializer,
)
from annotations.reads.deviations import Deviations
from annotations.reads.models import Assignment, Comparison, Plan, Read, ReaderStudy
from annotations.reads.results import (
    MASKED_VALUES,
    attempts,
    comparison,
    flags_of,
    is_comparative,
    is_record,
    result_values,
    results_are_open,
)
from annotations.reads.timeline import timeline_of


def result_rows(
    study: ReaderStudy, plan: Plan, rows: Iterable[Assignment], user: User
) -> list[dict[str, Any]]:
    """For the page of a study: masked, or seen and audited where arms are compared."""
    is_open = results_are_open(study)
    if is_open and is_comparative(plan):
        services.look_at_results(study=study, by=user, what="study page")
    listed = list(rows)
    deviations = Deviations(listed, plan)
    return [result_json(row, read, plan, deviations, is_open) for row in listed for read in attempts(row)]


def result_json(
    assignment: Assignment, read: Read | None, in_force: Plan, deviations: Deviations, is_open: bool
) -> dict[str, Any]:
    """The content of ReadResultSerializer."""
    limits = selectors.design_of(in_force)["quality"]
    values = result_values(assignment, read) if is_open else dict(MASKED_VALUES)
    reader = assignment.reader
    flags = flags_of(read, deviations.of(assignment, read), limits) if read else []
    return values | {
        "assignment": assignment.pk,
        "read": read.pk if read else None,
        "reader": {
            "id": reader.pk,
            "username": reader.username,
            "name": reader.get_full_name() or reader.username,
        },
        "case_number": assignment.case.number,
        "shown_number": assignment.shown_number,
        "pseudonym": assignment.case.volume.series.study.patient.pseudonym,
        "plan_number": assignment.plan.number,
        "role": assignment.role,
        "period": assignment.period,
        "position": assignment.position,
        "repeat": assignment.repeat,
        "stratum": assignment.stratum,
        "in_timing_subgroup": assignment.in_timing_subgroup,
        "attempt": read.attempt if read else None,
        "reason": (read.abandoned_reason or read.reason) if read else "",
        "is_record": is_record(assignment, read),
        "state": read.state if read else "not_opened",
        "flags": [one.name for one in flags],
        "submitted_at": read.submitted_at if read else None,
    }


class ResultsView(APIView):
    permission_classes = [IsCoordinator]

    @extend_schema(
        operation_id="get_results",
        parameters=[OpenApiParameter("look", int, description="An interim look that was taken.")],
        responses=ResultsSerializer,
    )
    def get(self, request: Request, reader_study_id: UUID) -> Response:
        user = signed_in_user(request)
        study = selectors.reader_study_for(user, reader_study_id)
        look = request.query_params.get("look")
        if look is not None and not look.isdigit():
            raise InvalidInput("A look is named by its number.", got=look[:20])
        number = int(look) if look is not None else None
        cut_off = services.look_at_results(study=study, by=user, what="results", look=number)
        plan = selectors.current_plan(study)
        rows = list(selectors.assignments_of(plan))
        deviations = Deviations(rows, plan)
        reads = [
            result_json(row, read, plan, deviations, True)
            for row in rows
            for read in attempts(row)
            if cut_off is None or _was_there(read, cut_off)
        ]
        return Response(ResultsSerializer({"cut_off": cut_off, "reads": reads}).data)


def _was_there(read: Read | None, cut_off: datetime) -> bool:
    return read is not None and read.submitted_at is not None and read.submitted_at <= cut_off


class LooksView(APIView):
    permission_classes = [IsCoordinator]

    @extend_schema(operation_id="take_look", request=LookRequestSerializer, responses={201: LookSerializer})
    def post(self, request: Request, reader_study_id: UUID) -> Response:
        user = signed_in_user(request)
        study = selectors.reader_study_for(user, reader_study_id)
        look = services.take_look(study=study, by=user, **checked(LookRequestSerializer, request))
        titles = selectors.design_of(look.plan)["interim_looks"]
        data = {
            "number": look.number,
            "title": titles[look.number - 1]["title"],
            "taken_at": look.taken_at,
        }
        return Response(LookSerializer(data).data, status=status.HTTP_201_CREATED)


class TimelineView(APIView):
    permission_classes = [IsCoordinator]

    @extend_schema(operation_id="get_timeline", responses=TimelineSerializer)
    def get(self, request: Request, read_id: UUID) -> Response:
        """The raw events of one read as a picture: what counted, what did not and why."""
        read = seen_read(signed_in_user(request), read_id, "timeline")
        return Response(TimelineSerializer(timeline_of(read)).data)


class DifferencesView(APIView):
    permission_classes = [IsCoordinator]

    @extend_schema(operation_id="get_differences", responses=DifferencesSerializer)
    def get(self, request: Request, read_id: UUID) -> Response:
        read = seen_read(signed_in_user(request), read_id, "differences")
        ours = comparison(read, Comparison.Kind.START_FINAL)
        start = comparison(read, Comparison.Kind.START_REFERENCE)
        final = comparison(read, Comparison.Kind.FINAL_REFERENCE)
        data = {
            "derived": read.derived,
            "reference_row": start["row"] if start else None,
            "lesions": ours["lesions"] if ours else [],
            "against_reference": _against(final) if final else None,
            "planted": ours["planted"] if ours else None,
        }
        return Response(DifferencesSerializer(data).data)


def seen_read(user: User, read_id: UUID, what: str) -> Read:
    """A read of a study the user may see, whose results may be seen: audited. Raises as `look_at_results`."""
    read = selectors.any_read(read_id)
    study = selectors.reader_study_for(user, read.assignment.plan.reader_study_id)
    services.look_at_results(study=study, by=user, what=f"{what} of read {read.pk}")
    return read


def _against(data: Any) -> dict[str, Any]:
    lesions = data["lesion_agreement"]
    return {
        "dice": data["voxels"]["dice"],
        "precision": data["voxels"]["precision"],
        "sensitivity": data["voxels"]["sensitivity"],
        "true_volume_ml": data["voxels"]["true_volume_ml"],
        "final_volume_ml": data["voxels"]["predicted_volume_ml"],
        "lesions_true": lesions["n_true"],
        "lesions_found": lesions["found"],
        "false_lesions": lesions["false"],
        "lesion_sensitivity": lesions["sensitivity"],
        "lesion_dice": lesions["dice"],
        **data["false_volumes"],
    }
