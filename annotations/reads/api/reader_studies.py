"""The coordinator's endpoints: reader studies, their plans, and what the reads gave."""

from collections.abc import Iterable
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
from annotations.reads.api.serializers import (
    LockSerializer,
    NewReaderStudySerializer,
    ReaderStudySerializer,
    ReaderStudySummarySerializer,
)
from annotations.reads.models import Assignment, Plan, Read, ReaderStudy, ReadingTime
from annotations.studies.models import Study
from annotations.studies.selectors import projects_visible_to, studies_visible_to, with_volumes


def person_json(user: User) -> dict[str, Any]:
    return {"id": user.pk, "username": user.username, "name": user.get_full_name() or user.username}


def plan_json(plan: Plan) -> dict[str, Any]:
    return {
        "number": plan.number,
        "locked_at": plan.locked_at,
        "locked_by": plan.signature.get("name"),
        "meaning": plan.signature.get("meaning", ""),
        "digest": plan.digest,
        "idle_threshold_s": plan.idle_threshold_s,
        "masked": plan.masked,
    }


def result_json(assignment: Assignment, read: Read | None) -> dict[str, Any]:
    """The content of ReadResultSerializer."""
    score = selectors.first_score(read) if read else None
    time = newest_time(read) if read else None
    return {
        "assignment": assignment.pk,
        "read": read.pk if read else None,
        "reader": person_json(assignment.reader),
        "case_number": assignment.case.number,
        "pseudonym": assignment.case.volume.series.study.patient.pseudonym,
        "arm": assignment.arm.start,
        "state": read.state if read else "not_opened",
        "row": score.row if score else None,
        "derived_row": read.derived["row"] if read and read.derived else None,
        "wall_s": time.wall_s if time else None,
        "active_s": time.active_s if time else None,
        "actions": time.action_count if time else None,
        "final_version": read.final_version_id if read else None,
        "submitted_at": read.submitted_at if read else None,
    }


def attempts(assignment: Assignment) -> list[Read | None]:
    """Oldest first; [None] where nobody opened it."""
    return list(assignment.reads.all()) or [None]


def newest_time(read: Read) -> ReadingTime | None:
    """Uses what was prefetched; of several versions of the code the newest row."""
    return max(read.reading_times.all(), key=lambda time: time.pk, default=None)


def summary_json(study: ReaderStudy, assignments: Iterable[Assignment]) -> dict[str, Any]:
    """The content of ReaderStudySummarySerializer."""
    rows = list(assignments)
    newest = [list(row.reads.all())[-1] for row in rows if row.reads.all()]
    return {
        "id": study.pk,
        "name": study.name,
        "project": study.project,
        "is_synthetic": study.is_synthetic,
        "plan": plan_json(selectors.current_plan(study)),
        "counts": {
            "cases": len(study.cases.all()),
            "readers": len({row.reader_id for row in rows}),
            "assignments": len(rows),
            "opened": len(newest),
            "submitted": sum(read.state == Read.State.SUBMITTED for read in newest),
        },
        "created_at": study.created_at,
    }


def detail_json(study: ReaderStudy) -> dict[str, Any]:
    """The content of ReaderStudySerializer."""
    rows = list(selectors.assignments_of(selectors.current_plan(study)))
    readers = {row.reader_id: row.reader for row in rows}
    results = [result_json(row, read) for row in rows for read in attempts(row)]
    cases = [
        {
            "id": case.pk,
            "number": case.number,
            "pseudonym": case.volume.series.study.patient.pseudonym,
            "study": case.volume.series.study_id,
        }
        for case in sorted(study.cases.all(), key=lambda one: one.number)
    ]
    return summary_json(study, rows) | {
        "cases": cases,
        "readers": [person_json(user) for _, user in sorted(readers.items())],
        "reads": results,
    }


class ReaderStudyListView(APIView):
    permission_classes = [IsCoordinator]

    @extend_schema(operation_id="list_reader_studies", responses=ReaderStudySummarySerializer(many=True))
    def get(self, request: Request) -> Response:
        studies = selectors.list_reader_studies(signed_in_user(request))
        items = [summary_json(one, selectors.assignments_of(selectors.current_plan(one))) for one in studies]
        return Response(ReaderStudySummarySerializer(items, many=True).data)

    @extend_schema(
        operation_id="create_reader_study",
        request=NewReaderStudySerializer,
        responses={201: ReaderStudySerializer},
    )
    def post(self, request: Request) -> Response:
        user = signed_in_user(request)
        values = checked(NewReaderStudySerializer, request)
        project = projects_visible_to(user).filter(pk=values["project"]).first()
        if project is None:
            raise NotFound("There is no such project.")
        study = services.create_reader_study(
            by=user,
            project=project,
            name=values["name"],
            studies=_studies(user, values["cases"]),
            readers=_readers(values["readers"]),
            start=values["arm"]["start"],
            release_name=values["arm"]["release_name"],
            release_fingerprint=values["arm"]["release_fingerprint"],
            idle_threshold_s=values["idle_threshold_s"],
            masked=values["masked"],
        )
        data = ReaderStudySerializer(detail_json(selectors.get_reader_study(study.pk))).data
        return Response(data, status=status.HTTP_201_CREATED)


class ReaderStudyView(APIView):
    permission_classes = [IsCoordinator]

    @extend_schema(operation_id="get_reader_study", responses=ReaderStudySerializer)
    def get(self, request: Request, reader_study_id: UUID) -> Response:
        study = selectors.get_reader_study(reader_study_id)
        return Response(ReaderStudySerializer(detail_json(study)).data)


class LockView(APIView):
    permission_classes = [IsCoordinator]

    @extend_schema(operation_id="lock_reader_study", request=LockSerializer, responses=ReaderStudySerializer)
    def post(self, request: Request, reader_study_id: UUID) -> Response:
        plan = selectors.current_plan(selectors.get_reader_study(reader_study_id))
        services.lock_plan(plan=plan, by=signed_in_user(request), **checked(LockSerializer, request))
        study = selectors.get_reader_study(reader_study_id)
        return Response(ReaderStudySerializer(detail_json(study)).data)


def _studies(user: User, ids: list[UUID]) -> list[Study]:
    """In the order given. Raises InvalidInput for one that is named twice or not there."""
    found = {study.pk: study for study in with_volumes(studies_visible_to(user).filter(pk__in=ids))}
    missing = [str(one) for one in ids if one not in found]
    if missing or len(set(ids)) != len(ids):
        raise InvalidInput("A case is not there, or named twice.", missing=missing)
    return [found[one] for one in ids]


def _readers(ids: list[int]) -> list[User]:
    found = {user.pk: user for user in User.objects.filter(pk__in=ids, is_active=True)}
    missing = [one for one in ids if one not in found]
    if missing or len(set(ids)) != len(ids):
        raise InvalidInput("A reader is not there, or named twice.", missing=missing)
    return [found[one] for one in ids]
