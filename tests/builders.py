"""Real rows for tests: a project with a small PET volume, readers, label maps. No file is read."""

import itertools
import json
import uuid

import numpy as np

from annotations.accounts.models import Role, RoleGrant, User
from annotations.imaging.geometry import Grid
from annotations.imaging.patches import diff_labels, patch_to_bytes
from annotations.models import Patient, Plan, Project, Series, Study, SuvRevision, Version, Volume
from annotations.reads.services import create_reader_study, lock_plan, routine_design
from annotations.segmentations.services import Edit, create_segmentation
from annotations.segmentations.voxels import read_labels
from annotations.store.services import put_blob

SMALL = Grid((12, 16, 20), (4.0, 4.0, 5.0), (-40.0, -30.0, 100.0))
_numbers = itertools.count(1)


def make_user(username: str, *roles: Role) -> User:
    user = User.objects.create_user(username, password=f"{username}-password")
    RoleGrant.objects.bulk_create(RoleGrant(user=user, role=role) for role in roles)
    return user


def make_project(name: str = "Phantoms") -> Project:
    return Project.objects.get_or_create(name=name, defaults={"is_synthetic": True})[0]


def make_volume(
    grid: Grid = SMALL,
    *,
    project: Project | None = None,
    modality: str = "PT",
    stored: np.ndarray | None = None,
) -> Volume:
    """A synthetic study with one series. stored: int16 [z, y, x] (default: a ramp along x, y and z)."""
    number = next(_numbers)
    project = project or make_project()
    patient = Patient.objects.create(project=project, pseudonym=f"PT-{number:04d}")
    study = Study.objects.create(
        project=project, patient=patient, study_instance_uid=f"2.25.{number}", is_synthetic=True
    )
    return add_volume(study, grid, modality=modality, stored=stored)


def add_volume(study: Study, grid: Grid, *, modality: str = "PT", stored: np.ndarray | None = None) -> Volume:
    series = Series.objects.create(
        study=study,
        series_instance_uid=f"{study.study_instance_uid}.{modality}",
        modality=modality,
        frame_of_reference_uid=f"{study.study_instance_uid}.9",
        tracer="[64Cu]Cu-DOTATATE" if modality == "PT" else "",
    )
    if stored is None:
        stored = np.arange(grid.voxel_count, dtype=np.int64).reshape(grid.shape_zyx) % 3001
    content = stored.astype("<i2").tobytes()
    return Volume.objects.create(
        series=series,
        digest=uuid.uuid4().hex * 2,
        grid=json.loads(json.dumps(grid.to_json())),
        grid_digest=grid.digest(),
        max_deviation_mm=0.0,
        unit="Bq/mL" if modality == "PT" else "HU",
        dtype="int16",
        slopes=[2.0] * grid.shape_zyx[0],
        intercepts=[0.0] * grid.shape_zyx[0],
        voxels=put_blob(content=content, kind="voxels", compress=True, suffix=grid.digest().encode()),
    )


def make_suv(volume: Volume, factor: float | None = 0.001) -> SuvRevision:
    number = volume.suv_revisions.count() + 1
    return SuvRevision.objects.create(
        volume=volume,
        number=number,
        record={},
        factor=factor,
        digest=uuid.uuid4().hex * 2,
        reason="corrected" if number > 1 else "",
    )


def boxes(grid: Grid, **places: tuple[slice, slice, slice]) -> np.ndarray:
    """A label map with a box a label: boxes(grid, L1=np.s_[2:4, 2:5, 2:5])."""
    labels = np.zeros(grid.shape_zyx, dtype=np.uint16)
    for name, place in places.items():
        labels[place] = int(name[1:])
    return labels


def model_version(
    volume: Volume, labels: np.ndarray, *, fingerprint: str = "f" * 64, **more: object
) -> Version:
    return create_segmentation(
        volume=volume,
        title="Demo model",
        labels=labels,
        suv_revision=volume.suv_revisions.order_by("-number").first(),
        producer_kind="model",
        producer_name="demo",
        producer_fingerprint=fingerprint,
        tool="inference",
        source="model",
        is_synthetic=True,
        **more,
    )


def make_edit(parent: Version, labels: np.ndarray, *, tool: str = "brush", **more: object) -> Edit:
    """The edit that turns the parent's label map into `labels`."""
    patch = patch_to_bytes(diff_labels(read_labels(parent), labels))
    grid = parent.segmentation.volume.grid_digest
    values = {"id": uuid.uuid4(), "parent": parent.pk, "tool": tool, "grid_digest": grid, "patch": patch}
    return Edit(**(values | more))


FINGERPRINT = "f" * 64


def make_reader_study(
    *, readers: list[User], studies: list[Study], start: str = "ai", locked: bool = True, **more: object
) -> Plan:
    """A reader study of one arm; signed by a coordinator of its own."""
    coordinator = make_user(f"coordinator-{next(_numbers)}", Role.COORDINATOR)
    values = {"seed": 7}
    if start == "ai":
        values |= {"release_name": "demo", "release_fingerprint": FINGERPRINT}
    name = more.pop("name", f"Reader study {next(_numbers)}")
    design = routine_design(studies=studies, readers=readers, start=start, **(values | more))
    study = create_reader_study(by=coordinator, project=studies[0].project, name=name, design=design)
    plan = study.plans.get()
    if locked:
        password = f"{coordinator.username}-password"
        lock_plan(plan=plan, by=coordinator, password=password, meaning="I approve this plan")
    return plan
