"""Blinding: a reader walks every endpoint; two arms of the same case answer byte for byte alike.

Two readers read the same two cases in the same order, one starting from the release's result, the other
from a person's version (with names, sites, deleted lesions, another producer) of the same voxels. All
that may differ are ids, digests and the voxels themselves, which are the same here on purpose.
"""

import json
import re
from datetime import UTC, datetime

import pytest
from django.urls import URLPattern, get_resolver

from annotations.models import Version
from annotations.reads.api import urlpatterns as reading_patterns
from annotations.segmentations.services import create_segmentation, save_edit
from tests.builders import FINGERPRINT, SMALL, boxes, make_edit, make_suv, make_user
from tests.reads.scenes import L1, L2, Reader, make_case
from tests.reads.study_scenes import (
    AI,
    AI2,
    OTHER,
    TWO,
    faked_clock,
    locked,
    make_coordinator,
    make_readers,
    own,
    pet_of,
)

pytestmark = pytest.mark.django_db
MASKED = ["others", "past_times", "release", "arm", "derived", "disagreement", "pseudonym"]
UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
DIGEST = re.compile(r"\b[0-9a-f]{64}\b")
SECRET = re.compile(r"study-reader-\d+")
PERSON = re.compile(r"reader \d+|\"id\":\d+")
NUMBERED = re.compile(r"Study \d+")
WORDS = (FINGERPRINT, OTHER, '"demo"', "Hidden name", "planted", "model-b", "sequence", "stratum")


def neutral(answer) -> tuple[int, str, dict[str, str]]:
    """Status, body and headers with ids, digests and the reader's own name taken out."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    headers = {name: neutral_text(value) for name, value in answer.items()}
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = body.hex()
    return answer.status_code, neutral_text(text), headers


def neutral_text(text: str) -> str:
    for pattern in (UUID, DIGEST, SECRET, NUMBERED, PERSON):
        text = pattern.sub("*", text)
    return text


def human_version(study) -> Version:
    """The model's voxels from a person's hand: a name, a site and a lesion that was deleted."""
    volume = pet_of(study)
    first = create_segmentation(
        volume=volume,
        title="Hidden name",
        labels=boxes(SMALL, L1=L1, L2=L2, L3=(slice(0, 1), slice(0, 3), slice(15, 18))),
        suv_revision=volume.suv_revisions.get(),
        producer_kind="import",
        producer_name="model-b",
        tool="import",
        source="import",
        is_synthetic=True,
        lesion_info={1: {"name": "Hidden name", "comment": "Hidden name"}},
    )
    author = make_user(f"author-{study.pk.hex[:6]}")
    version, _ = save_edit(
        segmentation=first.segmentation,
        edit=make_edit(first, TWO, tool="delete"),
        author=author,
        suv_revision=volume.suv_revisions.get(),
        guard=lambda: None,
    )
    return version


@pytest.fixture
def pair():
    """(reader, assignments in order) of the AI arm and of the other arm, with the same case first."""
    studies = [make_case(labels=TWO) for _ in range(2)]
    starts = [
        {"study": str(study.pk), "starts": {"other": str(human_version(study).pk)}} for study in studies
    ]
    coordinator = make_coordinator()
    arms = AI, AI2 | {"source": "version", "release_fingerprint": "", "release_name": ""}
    plans = []
    for arm in arms:
        cases = [{"study": one["study"]} for one in starts] if arm is AI else starts
        (reader,) = make_readers(1)
        plan = locked(
            coordinator,
            studies,
            [reader],
            arm,
            cases=cases,
            masked=MASKED,
            allocation={"kind": "single", "seed": 5},
        )
        plans.append((Reader(reader), own(plan, reader)))
    orders = [[row.case.volume_id for row in rows] for _, rows in plans]
    assert orders[0] == orders[1]
    return plans


def walk(reader: Reader, rows) -> list[tuple[str, tuple]]:
    """Everything a reader can ask, before, during and after a read, in one fixed order."""
    seen: list[tuple[str, tuple]] = []

    def get(path: str) -> None:
        seen.append((f"GET {neutral_text(path)}", neutral(reader.get(path))))

    def post(path: str, data=None) -> None:
        seen.append((f"POST {neutral_text(path)}", neutral(reader.post(path, data))))

    def look(read) -> None:
        head = read.segmentation.versions.order_by("-number").first()
        volume = rows[0].case.volume_id
        for path in (
            "worklist/",
            f"reads/{read.pk}/",
            f"reads/{read.pk}/comparisons/",
            f"reads/{read.pk}/disagreement/",
            f"reads/{read.pk}/disagreement/lesions/",
            f"versions/{head.pk}/",
            f"versions/{head.pk}/labels/",
            f"versions/{read.start_version_id}/",
            f"volumes/{volume}/",
            f"volumes/{volume}/voxels/",
            f"volumes/{volume}/mip/",
            f"studies/{rows[0].case.volume.series.study_id}/",
            "reader-studies/",
            f"reader-studies/{rows[0].plan.reader_study_id}/",
            f"reads/{read.pk}/timeline/",
            f"reads/{read.pk}/differences/",
            f"reads/{read.pk}/audit/",
            "jobs/",
            "releases/",
        ):
            get(path)

    get("worklist/")
    post(f"assignments/{rows[1].pk}/open/")
    post(f"assignments/{rows[0].pk}/open/")
    read = rows[0].reads.get()
    look(read)
    reader.record(read, (0, "first_image"), (1, "activity"))
    answer = reader.save(read, boxes(SMALL, L1=L1))
    seen.append(("edit", neutral(answer)))
    reader.record(read, (40, "final"))
    post(f"reads/{read.pk}/final/", reader.arrived(read))
    look(read)
    post(f"reads/{read.pk}/score/", {"row": 3})
    post(f"reads/{read.pk}/submit/", reader.arrived(read))
    post(f"reads/{read.pk}/score/revise/", {"row": 4, "reason": "Slip"})
    look(read)
    get("worklist/")
    return seen


def test_two_arms_answer_alike_at_every_endpoint_a_reader_has(pair):
    walks = []
    for reader, rows in pair:
        _, patched = faked_clock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
        with patched:
            walks.append(walk(reader, rows))
    for (path, ours), (other_path, theirs) in zip(*walks, strict=True):
        assert path == other_path
        for mine, other in zip(ours, theirs, strict=True):
            assert mine == other, path
    assert sum(answer[0] == 200 for _, answer in walks[0]) > 20


def test_no_answer_to_a_reader_holds_a_masked_word(pair):
    for reader, rows in pair:
        for path, (_, body, headers) in walk(reader, rows):
            text = body + json.dumps(headers)
            found = [word for word in WORDS if word in text]
            assert not found, (path, found)


def test_the_walk_knows_every_endpoint_of_the_reading_room():
    """A new endpoint for readers has to be added to the walk above, or named here with the reason."""
    walked = {"", "comparisons", "disagreement", "versions", "final", "score", "revise", "submit", "timeline"}
    walked |= {"differences", "audit", "lesions"}
    not_walked = {
        "proposals": "computed from the images and the reader's own version",
        "organ-rois": "computed from the images",
        "events": "answers with counts of the reader's own events",
        "resume": "answers as the read itself",
        "abandon": "answers as the read itself",
    }
    ends = set()
    for pattern in reading_patterns:
        assert isinstance(pattern, URLPattern)
        route = str(pattern.pattern)
        if route.startswith("reads/<uuid:read_id>/"):
            ends.add(route.removeprefix("reads/<uuid:read_id>/").rstrip("/").split("/")[-1])
    assert ends <= walked | set(not_walked), ends - walked - set(not_walked)
    assert get_resolver().resolve("/api/worklist/")


def test_a_planted_case_looks_like_any_other():
    study = make_case(labels=TWO)
    coordinator = make_coordinator()
    version = Version.objects.get(producer_fingerprint=FINGERPRINT)
    path = f"reader-studies/{_draft_of(coordinator, study)}/planted/"
    made = coordinator.post(path, {"version": str(version.pk), "seed": 3, "removed": 1})
    assert made.status_code == 201, made.json()
    (reader,) = make_readers(1)
    case = {"study": str(study.pk), "starts": {"ai": made.json()["version"]}}
    plan = locked(coordinator, [study], [reader], AI, cases=[case], masked=MASKED)
    client, (row,) = Reader(reader), own(plan, reader)
    read = client.open(row)
    assert str(read.start_version_id) == made.json()["version"]
    text = client.get(f"reads/{read.pk}/").content.decode() + client.get("worklist/").content.decode()
    assert "plant" not in text.lower()
    head = read.segmentation.versions.get()
    assert head.parameters == {}
    assert "plant" not in client.get(f"versions/{head.pk}/").content.decode().lower()
    assert len(client.get(f"versions/{head.pk}/").json()["lesions"]) == 1


def _draft_of(coordinator, study) -> str:
    make_suv(pet_of(study))
    body = {"project": str(study.project_id), "name": "Planting", "design": {}}
    return coordinator.post("reader-studies/", body).json()["id"]
