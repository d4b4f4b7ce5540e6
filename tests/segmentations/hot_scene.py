"""A PET with balls of known place, size and uptake, blurred as a scanner does; label maps on it."""

import uuid

import numpy as np
from scipy import ndimage

from annotations.imaging.geometry import Grid
from annotations.imaging.patches import apply_patch, patch_from_bytes
from annotations.models import SuvRevision, Version, Volume
from annotations.segmentations.proposals import Proposal, Scene, propose
from annotations.segmentations.voxels import read_labels
from tests.builders import make_suv, make_volume, model_version

GRID = Grid((40, 48, 56), (2.0, 2.0, 3.0), (-56.0, -48.0, 100.0))
FACTOR, SLOPE = 0.001, 2.0
FWHM_MM = 6.0
# centre x, y, z and radius in mm, SUV: a lone ball; two that touch, the second hotter.
LONE = ((14, 14, 12), 12.0, 12.0)
LEFT = ((19, 34, 28), 10.0, 12.0)
RIGHT = ((30, 34, 28), 10.0, 14.0)


def ball(centre_xyz: tuple[int, int, int], radius_mm: float, grid: Grid = GRID) -> np.ndarray:
    z, y, x = np.indices(grid.shape_zyx)
    sx, sy, sz = grid.spacing_xyz_mm
    cx, cy, cz = centre_xyz
    return ((x - cx) * sx) ** 2 + ((y - cy) * sy) ** 2 + ((z - cz) * sz) ** 2 <= radius_mm**2


def hot_volume(*balls, background: float = 1.0, grid: Grid = GRID) -> tuple[Volume, SuvRevision]:
    suv = np.full(grid.shape_zyx, background)
    for centre, radius, uptake in balls:
        suv[ball(centre, radius, grid)] = uptake
    sigma = [FWHM_MM / 2.3548 / s for s in grid.spacing_xyz_mm[::-1]]
    stored = np.rint(ndimage.gaussian_filter(suv, sigma) / (FACTOR * SLOPE)).astype(np.int16)
    volume = make_volume(grid, stored=stored)
    return volume, make_suv(volume, FACTOR)


def hot_scene(*balls, labels: np.ndarray | None = None, background: float = 1.0) -> Scene:
    volume, revision = hot_volume(*(balls or (LONE, LEFT, RIGHT)), background=background)
    given = np.zeros(GRID.shape_zyx, dtype=np.uint16) if labels is None else labels
    version = model_version(volume, given)
    return scene_of(version, revision)


def scene_of(version: Version, revision: SuvRevision | None) -> Scene:
    return Scene(Version.objects.get(pk=version.pk), revision)


def label_map(**masks: np.ndarray) -> np.ndarray:
    """label_map(L1=mask): later ones lie over earlier ones."""
    labels = np.zeros(GRID.shape_zyx, dtype=np.uint16)
    for name, mask in masks.items():
        labels[mask] = int(name[1:])
    return labels


def ask(scene: Scene, method: str, **parameters) -> tuple[Proposal, np.ndarray]:
    """The proposal and the label map it would make."""
    proposal = propose(scene=scene, method=method, parameters=parameters)
    return proposal, apply_patch(read_labels(scene.version), patch_from_bytes(proposal.patch))


def dice(one: np.ndarray, other: np.ndarray) -> float:
    return 2 * np.count_nonzero(one & other) / (np.count_nonzero(one) + np.count_nonzero(other))


def codes(proposal: Proposal) -> list[str]:
    return [one["code"] for one in proposal.report["warnings"]]


def some_id() -> uuid.UUID:
    return uuid.uuid4()
