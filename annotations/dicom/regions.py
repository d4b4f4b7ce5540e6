"""Regions read from RTSTRUCT and SEG: boolean masks on a PET grid, kept small by cropping."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from annotations.dicom.refusals import Refusal
from annotations.imaging.geometry import Grid
from annotations.imaging.volume import BoolArray, LabelArray

FORBIDDEN_LABEL = 255  # reserved by the viewer for previews (design.md, Labels)
HIGHEST_LABEL = 65535


@dataclass(frozen=True)
class Region:
    """One ROI or segment. start_zyx: where `mask` [z, y, x] begins in the volume.

    colour: r, g, b 0-255. code: (value, scheme, meaning) of the site or type, when the object gives one.
    resampled: drawn on another grid of the same frame of reference. label_hint: the label it had in the
    version it was exported from, when the object is one of ours.
    """

    number: int
    name: str
    start_zyx: tuple[int, int, int]
    mask: BoolArray = field(repr=False)
    colour: tuple[int, int, int] | None = None
    code: tuple[str, str, str] | None = None
    resampled: bool = False
    label_hint: int | None = None
    warnings: tuple[str, ...] = ()

    @property
    def voxel_count(self) -> int:
        return int(np.count_nonzero(self.mask))

    @property
    def box(self) -> tuple[slice, slice, slice]:
        z, y, x = self.start_zyx
        depth, height, width = self.mask.shape
        return slice(z, z + depth), slice(y, y + height), slice(x, x + width)

    def full(self, shape_zyx: tuple[int, int, int]) -> BoolArray:
        """bool [z, y, x] of the whole volume."""
        whole = np.zeros(shape_zyx, np.bool_)
        whole[self.box] = self.mask
        return whole


@dataclass(frozen=True)
class TargetVolume:
    """The PET volume that regions are wanted on. sop_instance_uids: its slices, in order, used to tell an
    object drawn on this series from one drawn on another of the same frame of reference.
    """

    grid: Grid
    frame_of_reference_uid: str
    series_instance_uid: str
    sop_instance_uids: tuple[str, ...]


@dataclass(frozen=True)
class ReadRegions:
    """regions: in the object's order. refusals: one for each ROI or segment left out,
    `file` is its name."""

    regions: tuple[Region, ...]
    refusals: tuple[Refusal, ...]
    label: str
    description: str


@dataclass(frozen=True)
class PackedRegions:
    """One label map and which region each label is."""

    labels: LabelArray = field(repr=False)
    regions: dict[int, Region]


def from_planes(planes: Mapping[int, BoolArray]) -> tuple[tuple[int, int, int], BoolArray]:
    """({z: bool [rows, columns]}) to (start z, y, x; the smallest array with every True voxel). Without a
    True voxel the array has size 0.
    """
    used = {z: plane for z, plane in planes.items() if plane.any()}
    if not used:
        return (0, 0, 0), np.zeros((0, 0, 0), np.bool_)
    rows = np.flatnonzero(np.any([plane.any(axis=1) for plane in used.values()], axis=0))
    columns = np.flatnonzero(np.any([plane.any(axis=0) for plane in used.values()], axis=0))
    start = (min(used), int(rows[0]), int(columns[0]))
    shape = (max(used) - start[0] + 1, int(rows[-1]) - start[1] + 1, int(columns[-1]) - start[2] + 1)
    mask = np.zeros(shape, np.bool_)
    for z, plane in used.items():
        mask[z - start[0]] = plane[start[1] : start[1] + shape[1], start[2] : start[2] + shape[2]]
    return start, mask


def pack_regions(regions: Sequence[Region], shape_zyx: tuple[int, int, int]) -> list[PackedRegions]:
    """Label maps (uint16 [z, y, x]) that hold every region whole: a region that overlaps one already
    placed goes into the next map, so no voxel is lost. A region keeps its label_hint where it is free;
    the others count on from the highest label, leaving out 255.
    """
    packed: list[PackedRegions] = []
    for region in sorted(regions, key=lambda region: region.label_hint is None):
        if region.voxel_count == 0:
            continue
        home = next((p for p in packed if not (p.labels[region.box][region.mask]).any()), None)
        if home is None:
            home = PackedRegions(np.zeros(shape_zyx, np.uint16), {})
            packed.append(home)
        label = _next_label(region.label_hint, home.regions)
        home.labels[region.box][region.mask] = label
        home.regions[label] = region
    return packed


def _next_label(hint: int | None, taken: Mapping[int, Region]) -> int:
    if hint is not None and 0 < hint <= HIGHEST_LABEL and hint != FORBIDDEN_LABEL and hint not in taken:
        return hint
    label = max(taken, default=0) + 1
    label += label == FORBIDDEN_LABEL
    if label > HIGHEST_LABEL:
        raise ValueError("more regions than labels")
    return label


def label_of(tracking_id: str) -> int | None:
    """7 from "Label 7", the form that our own exports write."""
    found = re.fullmatch(r"Label (\d{1,5})", tracking_id)
    return int(found.group(1)) if found else None
