"""Versions against the reference of their case: a label map is read once and kept as its box of voxels."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from annotations.exports.rows import Row
from annotations.exports.study_data import StudyData
from annotations.exports.voxels import load_labels
from annotations.imaging.agreement import (
    FalseVolumes,
    LesionAgreement,
    VoxelAgreement,
    compare_lesions,
    compare_voxels,
    false_volumes,
)
from annotations.imaging.boxes import Box, box_grid, box_shape, occupied_box, relative_box
from annotations.imaging.checks import Connectivity
from annotations.imaging.components import MINIMUM_LESION_ML
from annotations.imaging.geometry import Grid
from annotations.imaging.table1 import DerivedRow, derive_row
from annotations.imaging.volume import LabelArray
from annotations.reads.models import Case
from annotations.segmentations.models import ProducerKind, Version
from annotations.studies.models import Volume
from annotations.studies.selectors import volume_grid

CONNECTIVITY: Connectivity = 26
SUBJECTS = {
    "final": "final version of a read",
    "start": "version a read started from",
    "named": "first version of a producer on this case",
}
Tick = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Crop:
    """The labels of a version inside the tight box of its voxels; box None for an empty version."""

    box: Box | None
    labels: LabelArray


@dataclass(frozen=True)
class Compared:
    """One version against the reference. row: of the read; None for a named version."""

    case: Case
    subject: str
    source: str
    row: Row | None
    version: Version
    voxels: VoxelAgreement
    lesions: LesionAgreement
    false: FalseVolumes
    derived: DerivedRow


def read_crop(version: Version, volume: Volume) -> Crop:
    labels = load_labels(version, volume)
    box = occupied_box(labels != 0)
    if box is None:
        return Crop(None, np.zeros((0, 0, 0), dtype=np.uint16))
    return Crop(box, labels[box].copy())


def compare_study(data: StudyData, tick: Tick = lambda stage, done, total: None) -> Iterator[Compared]:
    """By case, then reads in their order (start, final), then named versions. Cases without a reference
    give nothing.
    """
    cases = cases_with_reference(data)
    named = named_versions([case.volume_id for case in cases])
    for number, case in enumerate(cases, start=1):
        tick("comparing with the reference", number - 1, len(cases))
        yield from _compare_case(data, case, named.get(case.volume_id, []))


def cases_with_reference(data: StudyData) -> list[Case]:
    cases = data.study.cases.filter(reference__isnull=False).order_by("number")
    return list(cases.select_related("volume", "suv_revision", "reference__labels"))


def named_versions(volumes: list[Any]) -> dict[Any, list[Version]]:
    """The first version of each model on each volume: of several runs the oldest; by producer's name."""
    found: dict[Any, dict[tuple[str, str], Version]] = {}
    first = Version.objects.filter(
        number=1, producer_kind=ProducerKind.MODEL, segmentation__volume__in=volumes, segmentation__read=None
    )
    for version in first.select_related("labels", "segmentation").order_by("created_at", "pk"):
        of_volume = found.setdefault(version.segmentation.volume_id, {})
        of_volume.setdefault((version.producer_name, version.producer_fingerprint), version)
    return {volume: [of[key] for key in sorted(of)] for volume, of in found.items()}


def compare_crops(
    reference: Crop, other: Crop, grid: Grid
) -> tuple[VoxelAgreement, LesionAgreement, FalseVolumes, DerivedRow]:
    """As on the whole grid: outside the box of both there is nothing in either."""
    box = _join([crop.box for crop in (reference, other) if crop.box is not None])
    part = box_grid(grid, box)
    truth, mask = _place(reference, box), _place(other, box)
    return (
        compare_voxels(truth, mask, part),
        compare_lesions(truth, mask, part, CONNECTIVITY, MINIMUM_LESION_ML),
        false_volumes(truth, mask, part),
        derive_row(mask, truth, part),
    )


def _compare_case(data: StudyData, case: Case, named: list[Version]) -> Iterator[Compared]:
    assert case.reference is not None
    grid = volume_grid(case.volume)
    reference = read_crop(case.reference, case.volume)
    done: dict[Any, Any] = {}

    def against(version: Version) -> Any:
        if version.pk not in done:
            done[version.pk] = compare_crops(reference, read_crop(version, case.volume), grid)
        return done[version.pk]

    for row in data.rows:
        if row.assignment.case_id == case.pk:
            for subject, version in (("start", row.start), ("final", row.final)):
                if version is not None:
                    yield Compared(case, subject, "", row, version, *against(version))
    for version in named:
        yield Compared(case, "named", version.producer_name, None, version, *against(version))


def _join(boxes: list[Box]) -> Box:
    """The box that holds all; of none a single voxel, where both are empty."""
    if not boxes:
        return slice(0, 1), slice(0, 1), slice(0, 1)
    z, y, x = (
        slice(min(box[axis].start for box in boxes), max(box[axis].stop for box in boxes))
        for axis in range(3)
    )
    return z, y, x


def _place(crop: Crop, box: Box) -> LabelArray:
    whole: LabelArray = np.zeros(box_shape(box), dtype=np.uint16)
    if crop.box is not None:
        whole[relative_box(crop.box, box)] = crop.labels
    return whole
