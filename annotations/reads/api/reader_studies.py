"""The coordinator's endpoints: reader studies, listed, made, shown and locked."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from annotations.accounts.models import User
from annotations.accounts.permissions import IsCoordinator, signed_in_user
from annotations.errors import InvalidInput, NotFound
from annotations.reads import selectors, services
from annotations.reads.api.reading import checked
from annotations.reads.api.results import result_rows
from annotations.reads.api.study_serializers import (
    LockSerializer,
    NewReaderStudySerializer,
    ReaderStudySerializer,
    ReaderStudySummarySerializer,
    SignatureSerializer,
)
from annotations.reads.layout import Layout, lay_out
from annotations.reads.models import Plan, Read, ReaderStudy
from annotations.reads.results import results_are_open
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


def state_of(study: ReaderStudy) -> str:
    if study.data_locked_at is not None:
        return "data_locked"
    if selectors.plan_in_force(study) is None:
        return "draft"
    return "running" if selectors.newest_plan(study).locked_at else "amending"


def summary_json(study: ReaderStudy, layout: Layout | None = None) -> dict[str, Any]:
    """The content of ReaderStudySummarySerializer. layout: of a draft, where it was made already."""
    plan = selectors.current_plan(study)
    return {
        "id": study.pk,
        "name": study.name,
        "description": study.description,
        "project": study.project,
        "is_synthetic": study.is_synthetic,
        "state": state_of(study),
        "results_open": results_are_open(study),
        "data_locked_at": study.data_locked_at,
        "plan": plan_json(plan),
        "counts": _stored_counts(plan) if plan.locked_at else _draft_counts(layout or lay_out(plan)),
        "created_at": study.created_at,
    }


def _draft_counts(layout: Layout) -> dict[str, int]:
    return {
        "cases": len(layout.cases),
        "readers": len(layout.readers),
        "assignments": len(layout.planned),
        "opened": 0,
        "submitted": 0,
    }


def _stored_counts(plan: Plan) -> dict[str, int]:
    rows = selectors.rows_in_force(plan).values_list("pk", "case_id", "reader_id")
    states: dict[Any, str] = {}
    reads = Read.objects.filter(assignment__in=[pk for pk, _, _ in rows]).order_by("attempt")
    for assignment, state in reads.values_list("assignment_id", "state"):
        states[assignment] = state
    return {
        "cases": len({case for _, case, _ in rows}),
        "readers": len({reader for _, _, reader in rows}),
        "assignments": len(rows),
        "opened": len(states),
        "submitted": sum(state == Read.State.SUBMITTED for state in states.values()),
    }


def detail_json(study: ReaderStudy, user: User) -> dict[str, Any]:
    """The content of ReaderStudySerializer."""
    plan = selectors.current_plan(study)
    if plan.locked_at is None:
        layout = lay_out(plan)
        return summary_json(study, layout) | {
            "cases": _draft_cases(layout),
            "readers": [person_json(one) for one in layout.readers],
            "reads": [],
        }
    rows = list(selectors.assignments_of(plan))
    readers = {row.reader_id: row.reader for row in rows}
    cases = {row.case_id for row in rows}
    listed = sorted((one for one in study.cases.all() if one.pk in cases), key=lambda one: one.number)
    return summary_json(study) | {
        "cases": [
            {
                "id": case.pk,
                "number": case.number,
                "pseudonym": case.volume.series.study.patient.pseudonym,
                "study": case.volume.series.study_id,
                "reference": case.reference_id,
            }
            for case in listed
        ],
        "readers": [person_json(one) for _, one in sorted(readers.items())],
        "reads": result_rows(study, plan, rows, user),
    }


def _draft_cases(layout: Layout) -> list[dict[str, Any]]:
    return [
        {
            "id": None,
            "number": case.number,
            "pseudonym": case.study.patient.pseudonym,
            "study": case.study.pk,
            "reference": case.reference.pk if case.reference else None,
        }
        for case in layout.cases
        if case.study is not None
    ]


def detail_response(study_id: UUID, user: User, code: int = status.HTTP_200_OK) -> Response:
    study = selectors.reader_study_for(user, study_id)
    return Response(ReaderStudySerializer(detail_json(study, user)).data, status=code)


class SignatureThrottle(ScopedRateThrottle):
    """A password is asked for: as many tries as for signing in, and counted for each account."""

    scope_attr = "signature_scope"

    def allow_request(self, request: Request, view: APIView) -> bool:
        return request.method != "POST" or super().allow_request(request, view)


class ReaderStudyListView(APIView):
    permission_classes = [IsCoordinator]

    @extend_schema(operation_id="list_reader_studies", responses=ReaderStudySummarySerializer(many=True))
    def get(self, request: Request) -> Response:
        user = signed_in_user(request)
        studies = selectors.list_reader_studies(user)
        items = [summary_json(one) for one in studies if not selectors.reads_masked(user, one)]
        return Response(ReaderStudySummarySerializer(items, many=True).data)

    @extend_schema(
        operation_id="create_reader_study",
        request=NewReaderStudySerializer,
        responses={201: ReaderStudySerializer},
    )
    def post(self, request: Request) -> Response:
        """A draft. A short form has to be complete; a design may be filled in later."""
        user = signed_in_user(request)
        values = checked(NewReaderStudySerializer, request)
        project = projects_visible_to(user).filter(pk=values["project"]).first()
        if project is None:
            raise NotFound("There is no such project.")
        short = values["design"] is None
        study = services.create_reader_study(
            by=user,
            project=project,
            name=values["name"],
            description=values["description"],
            design=_routine(user, values) if short else values["design"],
            complete=short,
        )
        return detail_response(study.pk, user, status.HTTP_201_CREATED)


class ReaderStudyView(APIView):
    permission_classes = [IsCoordinator]

    @extend_schema(operation_id="get_reader_study", responses=ReaderStudySerializer)
    def get(self, request: Request, reader_study_id: UUID) -> Response:
        return detail_response(reader_study_id, signed_in_user(request))


class LockView(APIView):
    permission_classes = [IsCoordinator]
    throttle_classes = [SignatureThrottle]
    signature_scope = "login"

    @extend_schema(operation_id="lock_reader_study", request=LockSerializer, responses=ReaderStudySerializer)
    def post(self, request: Request, reader_study_id: UUID) -> Response:
        user = signed_in_user(request)
        plan = selectors.newest_plan(selectors.reader_study_for(user, reader_study_id))
        services.lock_plan(plan=plan, by=user, **checked(LockSerializer, request))
        return detail_response(reader_study_id, user)


class DataLockView(APIView):
    permission_classes = [IsCoordinator]
    throttle_classes = [SignatureThrottle]
    signature_scope = "login"

    @extend_schema(
        operation_id="lock_reader_study_data", request=SignatureSerializer, responses=ReaderStudySerializer
    )
    def post(self, request: Request, reader_study_id: UUID) -> Response:
        user = signed_in_user(request)
        study = selectors.reader_study_for(user, reader_study_id)
        services.lock_data(study=study, by=user, **checked(SignatureSerializer, request))
        return detail_response(reader_study_id, user)


def _routine(user: User, values: dict[str, Any]) -> dict[str, Any]:
    arm = values["arm"]
    return services.routine_design(
        studies=_studies(user, values["cases"]),
        readers=_readers(values["readers"]),
        start=arm["start"],
        release_name=arm["release_name"],
        release_fingerprint=arm["release_fingerprint"],
        idle_threshold_s=values["idle_threshold_s"],
        masked=values["masked"],
    )


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
