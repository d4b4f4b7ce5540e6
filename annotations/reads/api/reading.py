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
    RecordedSerializer,
    ScoreSerializer,
    WorklistItemSerializer,
)
from annotations.reads.disagreement import find_disagreement
from annotations.reads.models import Assignment, Read
from annotations.reads.presence import open_elsewhere
from annotations.reads.services.submitting import needs_score
from annotations.segmentations.api import VersionSerializer, version_json
from annotations.segmentations.selectors import first_version, head_version, with_details
from annotations.segmentations.services import Edit, decode_patch

TOOLS = ("delete", "restore", "add_seed", "brush", "erase", "undo", "redo")
# Upper SUV bound a reading starts with, by a part of the tracer's name: in somatostatin receptor PET normal
# liver reaches SUVmax 9 and spleen 25, in FDG hardly anything normal but brain and bladder passes 5.
WINDOW_UPPER = {"DOTATATE": 15.0, "DOTATOC": 15.0, "DOTANOC": 15.0, "FDG": 5.0}
OTHER_UPPER = 10.0
PREPARED = "Segmentation is being prepared"


def checked(form: type[Serializer[Any]], request: Request) -> dict[str, Any]:
    """The valid content of a request. Raises ValidationError (400)."""
    given = form(data=request.data)
    given.is_valid(raise_exception=True)
    values: dict[str, Any] = given.validated_data
    return values


def worklist_json(assignment: Assignment, *, case_count: int, is_ready: bool) -> dict[str, Any]:
    """The content of WorklistItemSerializer."""
    read = selectors.newest_read(assignment)
    state = str(read.state) if read else "ready" if is_ready else "waiting"
    series = assignment.case.volume.series
    shows_times = "past_times" not in assignment.plan.masked
    return {
        "assignment": assignment.pk,
        "case_number": assignment.shown_number,
        "case_count": case_count,
        "pseudonym": series.study.patient.pseudonym,
        "reader_study": assignment.plan.reader_study.name,
        "tracer": series.tracer,
        "state": state,
        "waiting_for": PREPARED if state == "waiting" else None,
        "waiting_share": None,
        "read": read.pk if read else None,
        "is_synthetic": series.study.is_synthetic,
        "opened_at": read.opened_at if read and shows_times else None,
        "submitted_at": read.submitted_at if read and shows_times else None,
    }


def read_json(read: Read) -> dict[str, Any]:
    """The content of ReadSerializer."""
    assignment, plan, case = read.assignment, read.assignment.plan, read.assignment.case
    study = case.volume.series.study
    head = with_details(read.segmentation.versions.all()).get(pk=head_version(read.segmentation).pk)
    score = read.scores.filter(revision=0).first()
    following = selectors.next_assignment(assignment)
    attributes = study.patient.attributes.values_list("name", "value").order_by("name")
    return {
        "id": read.pk,
        "assignment": assignment.pk,
        "state": read.state,
        "case_number": assignment.shown_number,
        "case_count": selectors.case_count(assignment),
        "pseudonym": study.patient.pseudonym,
        "tracer": case.volume.series.tracer,
        "reader_study": plan.reader_study.name,
        "is_synthetic": study.is_synthetic,
        "pet_volume": case.volume_id,
        "ct_volume": case.ct_volume_id,
        "suv_revision": case.suv_revision_id,
        "start_version": read.start_version_id,
        "first_version": first_version(read.segmentation).pk,
        "head": version_json(head),
        "scored": needs_score(read),
        "score": score,
        "derived": read.derived if score and "derived" not in plan.masked else None,
        "tools": list(TOOLS),
        "window": plan.options.get("window") or starting_window(case.volume.series.tracer),
        "next_assignment": following.pk if following else None,
        "next_images": images_json(following),
        "has_disagreement": find_disagreement(read) is not None,
        "asks_site": plan.options.get("ask_site") is True,
        "clinical": {} if "clinical" in plan.masked else dict(attributes),
        "idle_prompt_s": plan.idle_threshold_s,
        "event_count": read.events.count(),
    }


def images_json(assignment: Assignment | None) -> dict[str, Any] | None:
    """The content of ImagesSerializer; None where the assignment may not be opened yet."""
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
        counts = Counter((one.plan_id, one.period) for one in assignments)
        ready = selectors.ready_to_open(assignments)
        items = [
            worklist_json(one, case_count=counts[one.plan_id, one.period], is_ready=one.pk in ready)
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
        return Response(VersionSerializer(version_json(version)).data, status=code)


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


class SubmitView(APIView):
    permission_classes = [IsReader]

    @extend_schema(operation_id="submit_read", request=ArrivedSerializer, responses=ReadSerializer)
    def post(self, request: Request, read_id: UUID) -> Response:
        read = selectors.own_read(signed_in_user(request), read_id)
        return read_response(services.submit_read(read=read, **checked(ArrivedSerializer, request)))
