"""Two readers of one masked study: the same two cases, each read in the AI arm by one and from a person's
version by the other. And a client that asks every endpoint there is, by the URL resolver.
"""

import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from annotations.accounts.models import User
from annotations.models import (
    Assignment,
    Case,
    CompanionMap,
    Export,
    ImportRun,
    PatientKey,
    Plan,
    Read,
    Version,
)
from annotations.segmentations.selectors import first_version, head_version
from annotations.segmentations.services import create_segmentation, save_edit
from inference.models import ModelRelease
from tests.builders import FINGERPRINT, SMALL, boxes, make_edit, make_user
from tests.jobs.scenes import make_job
from tests.reads.scenes import L1, L2, Reader, edit_json, make_case
from tests.reads.study_scenes import (
    AI,
    AI2,
    TWO,
    locked,
    make_coordinator,
    make_readers,
    pet_of,
    reference_of,
)

MASKED = ["others", "past_times", "release", "arm", "derived", "clinical", "disagreement", "pseudonym"]
METHODS = ("get", "post", "put", "patch", "delete")


@dataclass
class Route:
    """One address of the API: `path` as the resolver has it, without api/."""

    path: str
    methods: tuple[str, ...]

    @property
    def parameters(self) -> list[str]:
        return re.findall(r"<\w+:(\w+)>", self.path)

    def filled(self, ids: dict[str, Any]) -> str:
        return re.sub(r"<\w+:(\w+)>", lambda found: str(ids[found[1]]), self.path)


def routes() -> list[Route]:
    """Every endpoint below api/, whichever room it is in."""

    def walk(resolver: URLResolver, before: str) -> Iterator[Route]:
        for one in resolver.url_patterns:
            path = before + str(one.pattern)
            if isinstance(one, URLResolver):
                yield from walk(one, path)
            elif isinstance(one, URLPattern) and path.startswith("api/"):
                view = getattr(one.callback, "cls", None) or one.callback.view_class
                methods = tuple(name for name in METHODS if hasattr(view, name))
                yield Route(path.removeprefix("api/"), methods)

    return list(walk(get_resolver(), ""))


def human_version(study, author: User) -> Version:
    """The model's voxels from a person's hand: a name, a site, a deleted lesion, another producer."""
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
    version, _ = save_edit(
        segmentation=first.segmentation,
        edit=make_edit(first, TWO, tool="delete"),
        author=author,
        suv_revision=volume.suv_revisions.get(),
        guard=lambda: None,
    )
    return version


@dataclass
class Blind:
    """plan: locked, masks all. readers: both may read both cases, in opposite arms."""

    plan: Plan
    readers: list[Reader]
    hidden: Reader
    elsewhere: Plan
    secrets: set[str] = field(default_factory=set)

    def row(self, reader: Reader, case: Case) -> Assignment:
        return self.plan.assignments.get(reader=reader.user, case=case, period=1)

    def ids(self, read: Read) -> dict[str, Any]:
        """What the parameters of the addresses stand for, around one read. KeyError: a parameter nobody
        has told this walk of."""
        case = read.assignment.case
        study = case.volume.series.study
        return {
            "read_id": read.pk,
            "assignment_id": read.assignment_id,
            "case_id": case.pk,
            "volume_id": case.volume_id,
            "study_id": study.pk,
            "project_id": study.project_id,
            "version_id": first_version(read.segmentation).pk,
            "reader_study_id": read.assignment.plan.reader_study_id,
            "number": 1,
            "user_id": read.assignment.reader_id,
            "export_id": Export.objects.get(reader_study=self.plan.reader_study).pk,
            "run_id": ImportRun.objects.get().pk,
            "release_id": ModelRelease.objects.get().pk,
            "job_id": study.series.get(modality="PT").volumes.get().jobs.first().pk,
        }


def nowhere(ids: dict[str, Any]) -> dict[str, Any]:
    """Ids of the same form that nothing has."""
    return {name: uuid.uuid4() if isinstance(one, uuid.UUID) else 987654 for name, one in ids.items()}


def make_blind() -> Blind:
    hidden = make_user("hidden-author")
    studies = [make_case(labels=TWO) for _ in range(2)]
    starts = []
    for study in studies:
        study.patient.attributes.create(name="who_grade", value="G-hidden")
        PatientKey.objects.create(
            patient=study.patient, project=study.project, source_patient_id=f"MRN-{study.pk.hex[:8]}"
        )
        starts.append(human_version(study, hidden))
    references = [reference_of(study, boxes(SMALL, L1=L1)) for study in studies]
    for version in Version.objects.filter(producer_fingerprint=FINGERPRINT):
        CompanionMap.objects.create(version=version, kind="disagreement", blob=pet_of(studies[0]).voxels)
    coordinator, users = make_coordinator(), make_readers(2)
    human = AI2 | {"source": "version", "release_fingerprint": "", "release_name": ""}
    cases = [
        {"study": str(study.pk), "starts": {"other": str(start.pk)}, "reference": str(reference.pk)}
        for study, start, reference in zip(studies, starts, references, strict=True)
    ]
    allocation = {"kind": "crossover", "seed": 5, "order": "free"}
    more = {"cases": cases, "masked": MASKED, "allocation": allocation, "washout_days": 7}
    plan = locked(coordinator, studies, users, AI, human, **more)
    elsewhere_study = make_case(labels=TWO)
    stranger = make_readers(1)
    elsewhere = locked(
        coordinator, [elsewhere_study], stranger, AI, allocation={"kind": "single", "seed": 1}, masked=MASKED
    )
    job = make_job(studies[0])
    for study in (studies[1], elsewhere_study):
        make_job(study, job.release)
    Export.objects.create(
        reader_study=plan.reader_study,
        parts=["tables"],
        formats=["csv"],
        is_masked=True,
        created_at=plan.locked_at,
        updated_at=plan.locked_at,
    )
    ImportRun.objects.create(project=studies[0].project)
    blind = Blind(plan, [Reader(user) for user in users], Reader(stranger[0]), elsewhere)
    blind.secrets = {
        FINGERPRINT,
        "9" * 64,
        '"name":"demo"',
        "model-b",
        "Hidden name",
        "hidden-author",
        "G-hidden",
    }
    blind.secrets |= {study.patient.pseudonym for study in [*studies, elsewhere_study]}
    blind.secrets |= {study.patient.key.source_patient_id for study in studies}
    blind.secrets |= {str(version.pk) for version in Version.objects.all()}
    blind.secrets |= {str(version.version_digest) for version in Version.objects.all()}
    return blind


def bodies(blind: Blind, reader: Reader, read: Read) -> dict[str, Any]:
    """What is posted where, by address; everything else is asked with an empty body."""
    head = head_version(read.segmentation)
    at = "reads/<uuid:read_id>/"
    question = {"version": str(head.pk), "method": "grow", "parameters": {"label": 1, "mm": 4.0}}
    return {
        f"{at}versions/": edit_json(head, boxes(SMALL, L1=L1)),
        f"{at}proposals/": question,
        f"{at}organ-rois/": {"organ": "liver", "centre_xyz_mm": [0.0, 0.0, 120.0]},
        f"{at}events/": {"events": reader.events((0, "first_image"), (1, "activity"))},
        f"{at}final/": reader.arrived(read),
        f"{at}submit/": reader.arrived(read),
        f"{at}score/": {"row": 3},
        f"{at}score/revise/": {"row": 4, "reason": "Slip"},
        f"{at}abandon/": {"reason": "Too tired"},
    }


@dataclass(frozen=True)
class Answer:
    status: int
    text: str
    headers: dict[str, str]

    @property
    def all(self) -> str:
        return self.text + json.dumps(self.headers)

    def shape(self) -> tuple[int, Any, list[str]]:
        """Status, the paths of all keys, names of headers."""
        try:
            keys: Any = sorted(set(_paths(json.loads(self.text))))
        except ValueError:
            keys = len(self.text)
        return self.status, keys, sorted(self.headers)


def _paths(value: Any, before: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, one in value.items():
            yield f"{before}.{name}"
            yield from _paths(one, f"{before}.{name}")
    elif isinstance(value, list):
        for one in value:
            yield from _paths(one, f"{before}[]")
    else:
        yield f"{before}:{type(value).__name__}"


def ask(reader: Reader, method: str, path: str, body: Any = None) -> Answer:
    call = getattr(reader.client, method)
    answer = call(f"/api/{path}") if method == "get" else call(f"/api/{path}", body or {}, format="json")
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = content.hex()
    return Answer(answer.status_code, text, dict(answer.items()))
