"""The coordinator's endpoints of a plan: draft, preview, amendment, candidates, planted errors."""

from collections import Counter
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.accounts.permissions import IsCoordinator, signed_in_user
from annotations.audit.services import record_access
from annotations.errors import InvalidInput, NotFound
from annotations.reads import selectors, services
from annotations.reads.api.reading import checked
from annotations.reads.api.serializers import ReasonSerializer
from annotations.reads.api.study_serializers import (
    CandidateSerializer,
    DropSerializer,
    NewPlantedSerializer,
    PlanChangeSerializer,
    PlantedSerializer,
    PreviewSerializer,
    WholePlanSerializer,
)
from annotations.reads.candidates import candidate_json, find_candidates
from annotations.reads.layout import CaseOf, Layout, Planned, lay_out
from annotations.reads.models import Plan, ReaderStudy
from annotations.reads.problems import problems_of
from annotations.segmentations.selectors import visible_version
from annotations.studies.selectors import projects_visible_to

ATTRIBUTE = "attribute."


def whole_plan_json(study: ReaderStudy, plan: Plan) -> dict[str, Any]:
    """The content of WholePlanSerializer."""
    is_draft = plan.locked_at is None
    return {
        "number": plan.number,
        "revision": plan.revision,
        "locked_at": plan.locked_at,
        "signature": plan.signature or None,
        "reason": plan.reason,
        "digest": plan.digest,
        "name": study.name,
        "description": study.description,
        "design": selectors.design_of(plan),
        "problems": [one._asdict() for one in problems_of(plan, lay_out(plan))] if is_draft else [],
        "versions": [
            {
                "number": one.number,
                "locked_at": one.locked_at,
                "reason": one.reason,
                "digest": one.digest,
                "name": one.signature.get("name", ""),
                "meaning": one.signature.get("meaning", ""),
            }
            for one in sorted(study.plans.all(), key=lambda one: one.number)
        ],
    }


def preview_json(plan: Plan, layout: Layout) -> dict[str, Any]:
    """The content of PreviewSerializer."""
    cells = Counter((one.reader.pk, one.row.period, one.row.arm, one.row.stratum) for one in layout.planned)
    return {
        "allocation_digest": layout.digest(),
        "seed": plan.design["allocation"]["seed"],
        "problems": [one._asdict() for one in problems_of(plan, layout)],
        "cases": [_case_json(case, layout) for case in layout.cases if case.study],
        "rows": [_row_json(one) for one in layout.planned],
        "balance": [
            {"reader": reader, "period": period, "arm": arm, "stratum": stratum, "cases": count}
            for (reader, period, arm, stratum), count in sorted(cells.items())
        ],
    }


def _case_json(case: CaseOf, layout: Layout) -> dict[str, Any]:
    assert case.study is not None
    patient = case.study.patient
    return {
        "number": case.number,
        "study": case.study.pk,
        "pseudonym": patient.pseudonym,
        "attributes": dict(patient.attributes.values_list("name", "value").order_by("name")),
        "role": case.entry["role"],
        "reference": case.reference.pk if case.reference else None,
        "burden": case.burden._asdict() if case.burden else None,
        "stratum": layout.strata.get(case.key, ""),
        "in_timing_subgroup": case.key in layout.timing_subgroup,
        "starts": [
            {
                "arm": key,
                "state": start.state,
                "version": start.version.pk if start.version else None,
                "is_planted": start.is_planted,
            }
            for key, start in case.starts.items()
        ],
    }


def _row_json(one: Planned) -> dict[str, Any]:
    shown = one.kept.shown_number if one.kept else one.row.position
    row = {name: value for name, value in one.row._asdict().items() if name != "case"}
    return row | {
        "reader": one.reader.pk,
        "case_number": one.case.number,
        "shown_number": shown,
        "kept": one.kept is not None,
    }


class PlanView(APIView):
    permission_classes = [IsCoordinator]

    @extend_schema(
        operation_id="get_plan",
        parameters=[OpenApiParameter("number", int, description="A version of the plan; else the newest.")],
        responses=WholePlanSerializer,
    )
    def get(self, request: Request, reader_study_id: UUID) -> Response:
        study = selectors.reader_study_for(signed_in_user(request), reader_study_id)
        wanted = request.query_params.get("number")
        plans = {str(plan.number): plan for plan in study.plans.all()}
        plan = selectors.newest_plan(study) if wanted is None else plans.get(wanted)
        if plan is None:
            raise NotFound("There is no such version of the plan.", number=wanted)
        return Response(WholePlanSerializer(whole_plan_json(study, plan)).data)

    @extend_schema(operation_id="change_plan", request=PlanChangeSerializer, responses=WholePlanSerializer)
    def patch(self, request: Request, reader_study_id: UUID) -> Response:
        user = signed_in_user(request)
        study = selectors.reader_study_for(user, reader_study_id)
        values = checked(PlanChangeSerializer, request)
        services.change_draft(plan=selectors.newest_plan(study), by=user, **values)
        study = selectors.reader_study_for(user, reader_study_id)
        return Response(WholePlanSerializer(whole_plan_json(study, selectors.newest_plan(study))).data)

    @extend_schema(operation_id="drop_plan", request=DropSerializer, responses={204: None})
    def delete(self, request: Request, reader_study_id: UUID) -> Response:
        user = signed_in_user(request)
        plan = selectors.newest_plan(selectors.reader_study_for(user, reader_study_id))
        services.drop_draft(plan=plan, by=user, **checked(DropSerializer, request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class PreviewView(APIView):
    permission_classes = [IsCoordinator]

    @extend_schema(operation_id="preview_plan", responses=PreviewSerializer)
    def get(self, request: Request, reader_study_id: UUID) -> Response:
        """The whole allocation as a lock would store it now. Nothing is stored."""
        study = selectors.reader_study_for(signed_in_user(request), reader_study_id)
        plan = selectors.newest_plan(study)
        if plan.locked_at is not None:
            raise InvalidInput("The plan is locked; a preview is of a draft.", number=plan.number)
        return Response(PreviewSerializer(preview_json(plan, lay_out(plan))).data)


class AmendView(APIView):
    permission_classes = [IsCoordinator]

    @extend_schema(operation_id="amend_plan", request=ReasonSerializer, responses={201: WholePlanSerializer})
    def post(self, request: Request, reader_study_id: UUID) -> Response:
        user = signed_in_user(request)
        study = selectors.reader_study_for(user, reader_study_id)
        services.amend_plan(plan=selectors.current_plan(study), by=user, **checked(ReasonSerializer, request))
        study = selectors.reader_study_for(user, reader_study_id)
        data = WholePlanSerializer(whole_plan_json(study, selectors.newest_plan(study))).data
        return Response(data, status=status.HTTP_201_CREATED)


class CandidatesView(APIView):
    permission_classes = [IsCoordinator]

    @extend_schema(
        operation_id="list_case_candidates",
        parameters=[
            OpenApiParameter("project", UUID, required=True),
            OpenApiParameter("search", str, description="Part of the pseudonym or of the description."),
            OpenApiParameter("minimum_lesions", int),
        ],
        responses=CandidateSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Any `attribute.NAME=value` narrows the list to patients with that value."""
        query = request.query_params
        user = signed_in_user(request)
        projects = projects_visible_to(user)
        try:
            project = projects.filter(pk=UUID(query.get("project", ""))).first()
            minimum = int(query.get("minimum_lesions", "0"))
        except ValueError as error:
            raise InvalidInput("The project or the number of lesions is not valid.") from error
        if project is None:
            raise NotFound("There is no such project.")
        wanted = {key[len(ATTRIBUTE) :]: query[key] for key in query if key.startswith(ATTRIBUTE)}
        record_access(actor=user, action="demographics_seen", object_type="project", object_id=project.pk)
        found = find_candidates(
            project,
            user=user,
            search=query.get("search", ""),
            attributes=wanted,
            minimum_lesions=minimum,
        )
        return Response(CandidateSerializer([candidate_json(one) for one in found], many=True).data)


class PlantedView(APIView):
    permission_classes = [IsCoordinator]

    @extend_schema(
        operation_id="plant_errors", request=NewPlantedSerializer, responses={201: PlantedSerializer}
    )
    def post(self, request: Request, reader_study_id: UUID) -> Response:
        user = signed_in_user(request)
        study = selectors.reader_study_for(user, reader_study_id)
        values = checked(NewPlantedSerializer, request)
        version = visible_version(user, values.pop("version"))
        made, errors = services.plant_version(study=study, version=version, by=user, **values)
        data = {"version": made.pk, "errors": [error.to_json() for error in errors]}
        return Response(PlantedSerializer(data).data, status=status.HTTP_201_CREATED)
