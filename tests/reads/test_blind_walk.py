"""Every address of the API, taken from the URL resolver, asked by readers of a masked study.

A new endpoint that a reader may call has to be added to OWN, or the walk fails by its name; one whose
parameter is new fails by the parameter's name (`Blind.ids`).
"""

from datetime import UTC, datetime

import pytest
from rest_framework.test import APIClient

from annotations.accounts.models import Role, RoleGrant
from annotations.models import Read, SuvRevision, Version
from annotations.reads.consumers import progress_json
from annotations.reads.consumers import websocket_routes as reading_sockets
from inference.jobs.consumers import first_jobs, what_is_for
from inference.jobs.consumers import websocket_routes as job_sockets
from inference.models import Job
from tests.reads.blind_scene import Blind, ask, bodies, make_blind, nowhere, routes
from tests.reads.scenes import Reader
from tests.reads.study_scenes import faked_clock
from tests.reads.test_blinding import neutral_text

pytestmark = pytest.mark.django_db
AT = "reads/<uuid:read_id>/"
VOLUME = "volumes/<uuid:volume_id>/"
VERSION = "versions/<uuid:version_id>/"
OWN = [
    ("get", "worklist/"),
    ("get", "session/"),
    ("get", "codes/"),
    ("get", "projects/"),
    ("post", "assignments/<uuid:assignment_id>/open/"),
    ("get", AT),
    ("get", VOLUME),
    ("get", f"{VOLUME}voxels/"),
    ("get", f"{VOLUME}mip/"),
    ("get", f"{VOLUME}render.png"),
    ("get", VERSION),
    ("get", f"{VERSION}labels/"),
    ("get", f"{AT}comparisons/"),
    ("get", f"{AT}disagreement/"),
    ("get", f"{AT}disagreement/lesions/"),
    ("post", f"{AT}proposals/"),
    ("post", f"{AT}organ-rois/"),
    ("post", f"{AT}events/"),
    ("post", f"{AT}versions/"),
    ("post", f"{AT}final/"),
    ("post", f"{AT}resume/"),
    ("post", f"{AT}final/"),
    ("post", f"{AT}score/"),
    ("post", f"{AT}score/revise/"),
    ("post", f"{AT}submit/"),
    ("post", f"{AT}abandon/"),
    ("get", AT),
    ("get", VERSION),
    ("get", f"{AT}comparisons/"),
    ("get", "worklist/"),
]
"""What a reader may ask, in the order of a read."""
NOT_ASKED = {
    ("post", "session/"): "signs in as another",
    ("delete", "session/"): "signs out",
    ("get", "schema/"): "the same for everybody",
}
SOCKETS = {"ws/jobs/", "ws/reader-studies/<uuid:reader_study_id>/"}
DAY = datetime(2031, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def blind() -> Blind:
    return make_blind()


def walk(blind: Blind, reader: Reader, case) -> tuple[Read, list]:
    read = reader.open(blind.row(reader, case))
    by_path = {route.path: route for route in routes()}
    answers = []
    for method, path in OWN:
        body = bodies(blind, reader, read).get(path)
        answers.append((f"{method} {path}", ask(reader, method, by_path[path].filled(blind.ids(read)), body)))
    return read, answers


def test_two_arms_answer_alike_and_tell_nothing_masked_at_every_address(blind):
    case = blind.plan.assignments.order_by("period", "position").first().case
    clock, patched = faked_clock(DAY)
    with patched:
        walks = []
        for reader in blind.readers:
            clock.at = DAY
            reader.client.force_login(reader.user)
            walks.append(walk(blind, reader, case))
    arms = {read.assignment.arm.key for read, _ in walks}
    assert len(arms) == 2
    for (name, mine), (_, theirs) in zip(walks[0][1], walks[1][1], strict=True):
        assert mine.shape() == theirs.shape(), name
    for (_, answers), (other, _) in zip(walks, reversed(walks), strict=True):
        foreign = {str(other.pk), str(other.segmentation_id), other.assignment.reader.username}
        foreign |= {str(pk) for pk in other.segmentation.versions.values_list("pk", flat=True)}
        for name, answer in answers:
            found = {word for word in blind.secrets | foreign if word in answer.all}
            assert not found, (name, found)
            told = answer.all.replace('"opens_at":"2031-03-10T00:00:00Z"', "")  # a wash-out, to the day
            assert "2031-" not in told, name
    assert sum(answer.status < 300 for _, answer in walks[0][1]) > 20


def test_every_other_address_is_closed_to_a_reader_whatever_is_asked(blind):
    (reader, _), case = blind.readers, blind.plan.assignments.first().case
    ids = blind.ids(reader.open(blind.row(reader, case)))
    for route in routes():
        for method in route.methods:
            if (method, route.path) in OWN or (method, route.path) in NOT_ASKED:
                continue
            answer = ask(reader, method, route.filled(ids))
            assert answer.status == 403, f"{method} {route.path} answers a reader and is not walked (OWN)"
            assert answer.all == ask(reader, method, route.filled(nowhere(ids))).all, route.path


def test_what_is_another_readers_is_as_if_it_were_not_there(blind):
    me, other = blind.readers
    case = blind.plan.assignments.first().case
    mine = me.open(blind.row(me, case))
    theirs = blind.ids(other.open(blind.row(other, case)))
    strange = blind.ids(blind.hidden.open(blind.elsewhere.assignments.get()))
    shared = {"volume_id"}
    by_path = {route.path: route for route in routes()}
    for method, path in OWN:
        route = by_path[path]
        if not route.parameters:
            continue
        body = bodies(blind, me, mine).get(path)
        gone = ask(me, method, route.filled(nowhere(theirs)), body)
        assert gone.status == 404, path
        for ids in (theirs, strange):
            if ids is theirs and shared & set(route.parameters):
                continue
            found = ask(me, method, route.filled(ids), body)
            assert (found.status, found.headers) == (404, gone.headers), path
            assert neutral_text(found.text) == neutral_text(gone.text), path


def test_nobody_who_is_not_signed_in_gets_anything(blind):
    reader, case = blind.readers[0], blind.plan.assignments.first().case
    ids = blind.ids(reader.open(blind.row(reader, case)))
    nobody = Reader(reader.user)
    nobody.client = APIClient(enforce_csrf_checks=False)
    for route in routes():
        for method in route.methods:
            if route.path in ("session/", "schema/"):
                continue
            answer = ask(nobody, method, route.filled(ids))
            assert answer.status in (401, 403), f"{method} {route.path}"
            assert answer.all == ask(nobody, method, route.filled(nowhere(ids))).all, route.path


def test_other_roles_show_a_reader_no_start_nor_another_read(blind):
    """A coordinator who reads in the study: nothing drawn on the cases is shown but the own lineage."""
    me, other = blind.readers
    case = blind.plan.assignments.first().case
    theirs = other.open(blind.row(other, case))
    read = me.open(blind.row(me, case))
    RoleGrant.objects.bulk_create(RoleGrant(user=me.user, role=role) for role in Role if role != Role.READER)
    read.assignment.plan.reader_study.project.data_managers.add(me.user)
    on_cases = Version.objects.filter(segmentation__volume=case.volume_id)
    hidden = {str(version.pk) for version in on_cases if version.segmentation_id != read.segmentation_id}
    words = {"Hidden name", "model-b", str(theirs.pk)}
    project = f"reader-studies/candidates/?project={blind.plan.reader_study.project_id}"
    for revision in SuvRevision.objects.all():
        assert revision.record == {}  # the scene's; its list is of imports, and nothing is drawn in it
    listed = [one for one in routes() if "get" in one.methods and not one.path.endswith("suv-revisions/")]
    paths = [route.filled(blind.ids(read)) for route in listed]
    for path in [*paths, project]:
        answer = ask(me, "get", path)
        found = {word for word in hidden | words if word in answer.all}
        assert not found, (path, found)
    for version in hidden:
        for end in ("", "labels/", "audit/", "export/?format=nifti"):
            answer = ask(me, "get", f"versions/{version}/{end}")
            assert answer.status in (400, 404), (end, answer.text)
    assert ask(me, "get", f"versions/{blind.ids(read)['version_id']}/audit/").status == 404
    assert ask(me, "get", "audit/").status == 403
    assert not {str(job.pk) for job in Job.objects.filter(volume=case.volume_id)} & {
        one["id"] for one in first_jobs.func(me.user)
    }


def test_no_socket_tells_two_arms_apart(blind):
    assert set(job_sockets | reading_sockets) == SOCKETS, "a new socket: compare it across arms here"
    case = blind.plan.assignments.first().case
    jobs = [str(pk) for pk in Job.objects.values_list("pk", flat=True)]
    heard = []
    for reader in blind.readers:
        before = what_is_for.func(reader.user, [{"id": pk} for pk in jobs], jobs)
        reader.open(blind.row(reader, case))
        after = what_is_for.func(reader.user, [{"id": pk} for pk in jobs], jobs)
        heard.append((first_jobs.func(reader.user), before, after))
        assert progress_json.func(reader.user, blind.plan.reader_study_id) is None
    assert heard[0] == heard[1] == ([], ([], False), ([], False))
