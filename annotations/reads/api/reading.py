"""The reader's endpoints. Every object is the reader's own, or 404."""

from collections import Counter
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from annotations.accounts.permissions import IsReader, signed_in_user
from annotations.reads import selectors, services
from annotations.reads.api.serializers import (
    ArrivedSerializer,
    EditSerializer,
    EventsSerializer,
    ReadSerializer,
    ReasonSerializer,
    RecordedSerializer,
    RevisionSerializer,
    ScoreSerializer,
    WorklistItemSerializer,
)
from annotations.reads.comparisons import HIDES_AI
from annotations.reads.disagreement import find_disagreement
from annotations.reads.gates import Gate, gates_of, told_opening
from annotations.reads.models import Arm, Assignment, Read
from annotations.reads.presence import open_elsewhere
from annotations.reads.services.submitting import needs_score
from annotations.reads.tools import tools_of
from annotations.segmentations.api import VersionSerializer, version_json
from annotations.segmentations.selectors import first_version, head_version, with_details
from annotations.segmentations.services import Edit, decode_patch

# Upper SUV bound a reading starts with, by a part of the tracer's name: in somatostatin receptor PET normal
# liver reaches SUVmax 9 and spleen 25, in FDG hardly anything normal but brain and bladder passes 5.
WINDOW_UPPER = {"DOTATATE": 15.0, "DOTATOC": 15.0, "DOTANOC": 15.0, "FDG": 5.0}
OTHER_UPPER = 10.0
WAITING_FOR = {
    "waiting": "This case is not ready yet",
    "later": "Another case comes first",
    "washout": "This case opens later",
    "training_review": "Your coordinator looks at the training cases first",
    "closed": "The study is closed",
    "abandoned": "This case was ended",
}
"""In neutral words: not ready is not ready, whatever an arm waits for."""

STARTS: dict[str, str] = {Arm.Start.AI.value: "precomputed"}
"""A reader sees that something was there before, and no more."""


def checked(form: type[Serializer[Any]], request: Request) -> dict[str, Any]:
    """The valid content of a request. Raises ValidationError (400)."""
    given = form(data=request.data)
    given.is_valid(raise_exception=True)
    values: dict[str, Any] = given.validated_data
    return values


def worklist_json(assignment: Assignment, *, case_count: int, gate: Gate) -> dict[str, Any]:
    """The content of WorklistItemSerializer."""
    read = selectors.newest_read(assignment)
    series = assignment.case.volume.series
    shows_times = "past_times" not in assignment.plan.masked
    return {
        "assignment": assignment.pk,
        "case_number": assignment.shown_number,
        "case_count": case_count,
        "pseudonym": shown_pseudonym(assignment),
        "reader_study": assignment.plan.reader_study.name,
        "tracer": series.tracer,
        "role": assignment.role,
        "period": assignment.period,
        "state": gate.state,
        "is_next": gate.is_next,
        "opens_at": told_opening(gate, assignment.plan),
        "waiting_for": WAITING_FOR.get(gate.state),
        "waiting_share": None,
        "read": read.pk if read else None,
        "is_synthetic": series.study.is_synthetic,
        "opened_at": read.opened_at if read and shows_times else None,
        "submitted_at": read.submitted_at if read and shows_times else None,
    }


def shown_pseudonym(assignment: Assignment) -> str:
    """A case that a reader meets twice is not known again by its name, where the plan masks it."""
    if "pseudonym" in assignment.plan.masked:
        return f"Case {assignment.shown_number}"
    return assignment.case.volume.series.study.patient.pseudonym


def clinical_of(assignment: Assignment, design: dict[str, Any]) -> dict[str, str]:
    """The attributes the plan shows."""
    if "clinical" in assignment.plan.masked:
        return {}
    shown = design["clinical_shown"]
    patient = assignment.case.volume.series.study.patient
    rows = patient.attributes.values_list("name", "value").order_by("name")
    return {name: value for name, value in rows if shown is None or name in shown}


def derived_of(read: Read) -> dict[str, Any] | None:
    """After the first score, and where the plan masks it once the study is closed."""
    plan = read.assignment.plan
    is_closed = plan.reader_study.data_locked_at is not None
    if not read.scores.exists() or ("derived" in plan.masked and not is_closed):
        return None
    derived: dict[str, Any] | None = read.derived
    return derived


def read_json(read: Read) -> dict[str, Any]:
    """The content of ReadSerializer."""
    assignment, plan, case = read.assignment, read.assignment.plan, read.assignment.case
    study = case.volume.series.study
    head = with_details(read.segmentation.versions.all()).get(pk=head_version(read.segmentation).pk)
    score = read.scores.filter(revision=0).first()
    following = selectors.next_assignment(assignment)
    design = selectors.design_of(plan)
    return {
        "id": read.pk,
        "assignment": assignment.pk,
        "state": read.state,
        "case_number": assignment.shown_number,
        "case_count": selectors.case_count(assignment),
        "pseudonym": shown_pseudonym(assignment),
        "role": assignment.role,
        "start": STARTS.get(assignment.arm.start, assignment.arm.start),
        "tracer": case.volume.series.tracer,
        "reader_study": plan.reader_study.name,
        "is_synthetic": study.is_synthetic,
        "pet_volume": case.volume_id,
        "ct_volume": case.ct_volume_id,
        "suv_revision": case.suv_revision_id,
        "start_version": None if HIDES_AI & set(plan.masked) else read.start_version_id,
        "first_version": first_version(read.segmentation).pk,
        "head": version_json(head, told_to=assignment.reader),
        "scored": needs_score(read),
        "score": score,
        "derived": derived_of(read),
        "tools": tools_of(assignment.arm),
        "fallback": design.get("fallback") or {"rule": "reader", "suv": None},
        "window": plan.options.get("window") or starting_window(case.volume.series.tracer),
        "next_assignment": following.pk if following else None,
        "next_images": images_json(following),
        "has_disagreement": find_disagreement(read) is not None,
        "asks_site": plan.options.get("ask_site") is True,
        "clinical": clinical_of(assignment, design),
        "idle_prompt_s": plan.idle_threshold_s,
        "event_count": read.events.count(),
    }


def images_json(assignment: Assignment | None) -> dict[str, Any] | None:
    """The content of ImagesSerializer; None where the assignment may not be opened when this read is done."""
    if assignment is None or assignment.pk not in selectors.ready_to_open([assignment]):
        return None
    return {"pet_volume": assignment.case.volume_id, "ct_volume": assignment.case.ct_volume_id}


def starting_window(tracer: str) -> dict[str, float]:
    """SUV bounds a reading opens with where its plan does not lock others."""
    uppers = (upper for name, upper in WINDOW_UPPER.items() if name in tracer.upper())
    return {"lower": 0.0, "upper": next(uppers, OTHER_UPPER)}


def read_response(read: Read) -> Response:
    return Response(ReadSerializer(read_json(read)).data)


class WorklistView(APIView):
    permission_classes = [IsReader]

    @extend_schema(operation_id="list_worklist", responses=WorklistItemSerializer(many=True))
    def get(self, request: Request) -> Response:
        assignments = list(selectors.own_assignments(signed_in_user(request)))
        counts = Counter((one.plan.reader_study_id, one.period) for one in assignments)
        gates = gates_of(assignments)
        items = [
            worklist_json(one, case_count=counts[one.plan.reader_study_id, one.period], gate=gates[one.pk])
            for one in assignments
        ]
        return Response(WorklistItemSerializer(items, many=True).data)


class OpenView(APIView):
    permission_classes = [IsReader]

    @extend_schema(operation_id="open_read", request=None, responses=ReadSerializer)
    def post(self, request: Request, assignment_id: UUID) -> Response:
        assignment = selectors.own_assignment(signed_in_user(request), assignment_id)
        return read_response(services.open_read(assignment=assignment))


class ReadView(APIView):
    permission_classes = [IsReader]

    @extend_schema(operation_id="get_read", responses=ReadSerializer)
    def get(self, request: Request, read_id: UUID) -> Response:
        return read_response(selectors.own_read(signed_in_user(request), read_id))


class EditsView(APIView):
    permission_classes = [IsReader]

    @extend_schema(
        operation_id="save_edit",
        request=EditSerializer,
        responses={200: VersionSerializer, 201: VersionSerializer},
    )
    def post(self, request: Request, read_id: UUID) -> Response:
        """201 with the new version; 200 with the stored one when this edit came before."""
        read = selectors.own_read(signed_in_user(request), read_id)
        values = checked(EditSerializer, request)
        edit = Edit(**values | {"patch": decode_patch(values["patch"])})
        version, made = services.save_read_edit(read=read, edit=edit)
        code = status.HTTP_201_CREATED if made else status.HTTP_200_OK
        return Response(
            VersionSerializer(version_json(version, told_to=read.assignment.reader)).data, status=code
        )


class EventsView(APIView):
    permission_classes = [IsReader]

    @extend_schema(operation_id="record_events", request=EventsSerializer, responses=RecordedSerializer)
    def post(self, request: Request, read_id: UUID) -> Response:
        read = selectors.own_read(signed_in_user(request), read_id)
        given = checked(EventsSerializer, request)
        events = [services.NewEvent(**one) for one in given["events"]]
        recorded = services.record_events(read=read, events=events)
        page_load = given["page_load"]
        now = {
            "head": head_version(read.segmentation).pk,
            "state": read.state,
            "elsewhere": open_elsewhere(read, page_load) if page_load else [],
        }
        return Response(RecordedSerializer(recorded._asdict() | now).data)


class FinalView(APIView):
    permission_classes = [IsReader]

    @extend_schema(operation_id="finalise_read", request=ArrivedSerializer, responses=ReadSerializer)
    def post(self, request: Request, read_id: UUID) -> Response:
        read = selectors.own_read(signed_in_user(request), read_id)
        return read_response(services.finalise_read(read=read, **checked(ArrivedSerializer, request)))


class ResumeView(APIView):
    permission_classes = [IsReader]

    @extend_schema(operation_id="resume_read", request=None, responses=ReadSerializer)
    def post(self, request: Request, read_id: UUID) -> Response:
        return read_response(services.resume_read(read=selectors.own_read(signed_in_user(request), read_id)))


class ScoreView(APIView):
    permission_classes = [IsReader]

    @extend_schema(operation_id="score_read", request=ScoreSerializer, responses=ReadSerializer)
    def post(self, request: Request, read_id: UUID) -> Response:
        read = selectors.own_read(signed_in_user(request), read_id)
        return read_response(services.score_read(read=read, **checked(ScoreSerializer, request)))


class ReviseView(APIView):
    permission_classes = [IsReader]

    @extend_schema(operation_id="revise_score", request=RevisionSerializer, responses=ReadSerializer)
    def post(self, request: Request, read_id: UUID) -> Response:
        """Kept beside the first score, which stays the record."""
        read = selectors.own_read(signed_in_user(request), read_id)
        return read_response(services.revise_score(read=read, **checked(RevisionSerializer, request)))


class AbandonView(APIView):
    permission_classes = [IsReader]

    @extend_schema(operation_id="abandon_read", request=ReasonSerializer, responses=ReadSerializer)
    def post(self, request: Request, read_id: UUID) -> Response:
        user = signed_in_user(request)
        read = selectors.own_read(user, read_id)
        return read_response(services.abandon_read(read=read, by=user, **checked(ReasonSerializer, request)))


class SubmitView(APIView):
    permission_classes = [IsReader]

    @extend_schema(operation_id="submit_read", request=ArrivedSerializer, responses=ReadSerializer)
    def post(self, request: Request, read_id: UUID) -> Response:
        read = selectors.own_read(signed_in_user(request), read_id)
        return read_response(services.submit_read(read=read, **checked(ArrivedSerializer, request)))
