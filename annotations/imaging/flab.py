"""FLAB: fuzzy locally adaptive Bayesian segmentation of one lesion in a volume of interest.

Hatt M, Cheze le Rest C, Turzo A, Roux C, Visvikis D. IEEE Trans Med Imaging 2009;28:881 (two classes);
Hatt M et al. Int J Radiat Oncol Biol Phys 2010;77:301 (three). Implemented from the published model:

Each voxel y_t of the VOI belongs to a hard class or, between classes a and b that follow each other
in uptake, to one of two fuzzy levels e = 1/3, 2/3, whose noise is
N((1-e) mu_a + e mu_b, (1-e)^2 s_a^2 + e^2 s_b^2). (With three classes a mixture of background and
hottest class has the values of the middle one; a level of its own would cut a gap between the two.)
Local priors: one for each hard class and one for each pair (shared by its two levels). Posterior
proportional to prior * density. Means and variances of the hard classes come from the posterior
expectation (deterministic, the default) or from labels sampled with a seed (stochastic EM). The
prior of a label is its share in the 3 x 3 x 3 cube round the voxel, at least 1e-3.

The tumour is every voxel whose most probable label is a tumour class, a mixture of tumour classes,
or at least 2/3 tumour. Measured limits (6 mm resolution, 2 mm voxels): spheres of 22 mm and more
within 5 %, 17 mm within 10 %, 13 mm up to 20 % too large, 10 mm a third and more. A small lesion and
a VOI much wider than the lesion give warnings.
"""

from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from annotations.errors import InvalidInput
from annotations.imaging.boxes import Box, box_shape, in_whole, occupied_box
from annotations.imaging.checks import require_shape
from annotations.imaging.geometry import Grid
from annotations.imaging.volume import BoolArray, FloatArray

Field = npt.NDArray[np.float64]
FUZZY_LEVELS = (1 / 3, 2 / 3)
PRIOR_FLOOR = 1e-3
SMALL_DIAMETER_MM = 10.0
WIDE_MARGIN_MM = 20.0
FEWEST_VOXELS = 27


class FlabFailed(InvalidInput):
    """The VOI cannot be divided: too few voxels, no contrast, or values that are not finite."""

    code = "flab_failed"


@dataclass(frozen=True)
class FlabSettings:
    """classes: 2 or 3. means, variances: initial values in ascending order of the means (default:
    K-means). seed: None for the deterministic estimate, else that of the stochastic one.
    """

    classes: int = 2
    iterations: int = 30
    means: tuple[float, ...] | None = None
    variances: tuple[float, ...] | None = None
    seed: int | None = None


@dataclass(frozen=True)
class FlabResult:
    """mask: bool [z, y, x] of the whole grid. classes: uint8 [z, y, x], 0 outside the tumour, else 1
    or (three classes) 2 where the hotter tumour class prevails. means, variances: of the hard classes;
    initial_...: what the estimate started from, given or by K-means.
    """

    mask: BoolArray
    classes: npt.NDArray[np.uint8]
    means: tuple[float, ...]
    variances: tuple[float, ...]
    initial_means: tuple[float, ...]
    initial_variances: tuple[float, ...]
    settings: FlabSettings
    warnings: tuple[str, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        return {
            "means": list(self.means),
            "variances": list(self.variances),
            "initial_means": list(self.initial_means),
            "initial_variances": list(self.initial_variances),
            "settings": asdict(self.settings),
            "warnings": list(self.warnings),
        }


@dataclass(frozen=True)
class _Labels:
    """Each label is a mixture: `weights` [labels, classes]; `group`: the prior it takes a share of."""

    weights: Field
    group: npt.NDArray[np.int64]
    share: Field


def segment_flab(
    suv: FloatArray, grid: Grid, voi: BoolArray, settings: FlabSettings | None = None
) -> FlabResult:
    """Segment the hot lesion in a VOI of any shape (bool [z, y, x], the lesion with a margin).

    Raises FlabFailed, GridMismatch.
    """
    settings = settings or FlabSettings()
    require_shape(suv, grid, "SUV image")
    require_shape(voi, grid, "VOI")
    box = _checked_box(suv, voi, settings)
    inside = voi[box]
    values = suv[box].astype(np.float64)
    initial_means, initial_variances = _initial(values[inside], settings)
    means, variances = initial_means.copy(), initial_variances.copy()
    labels = _labels(settings.classes)
    means, variances, best = _estimate(values, inside, means, variances, labels, settings)
    tumour, hotter = _tumour_labels(labels)
    mask = inside & tumour[best]
    classes = np.where(mask, 1 + hotter[best], 0).astype(np.uint8)
    return FlabResult(
        mask=in_whole(mask, box, grid),
        classes=in_whole(classes, box, grid),
        means=tuple(float(v) for v in means),
        variances=tuple(float(v) for v in variances),
        initial_means=tuple(float(v) for v in initial_means),
        initial_variances=tuple(float(v) for v in initial_variances),
        settings=settings,
        warnings=_warnings(mask, values, inside, grid, float(means[0])),
    )


def _estimate(
    values: Field, inside: BoolArray, means: Field, variances: Field, labels: _Labels, settings: FlabSettings
) -> tuple[Field, Field, npt.NDArray[np.int64]]:
    """Alternate posterior, class parameters and local priors; the last most probable labels."""
    generator = np.random.default_rng(settings.seed) if settings.seed is not None else None
    groups = int(labels.group.max()) + 1
    priors = np.full((groups, *values.shape), 1.0 / groups)
    neighbours = np.maximum(_cube_sum(inside.astype(np.float64)), 1.0)
    floor = 1e-6 * float(values[inside].var())
    posterior = _posterior(values, inside, priors, means, variances, labels)
    for _ in range(settings.iterations):
        weight = posterior if generator is None else _sampled(posterior, inside, generator)
        for k in range(len(means)):
            total = weight[k].sum()
            if total > 1e-9:
                means[k] = (weight[k] * values).sum() / total
                variances[k] = max((weight[k] * (values - means[k]) ** 2).sum() / total, floor)
        for group in range(groups):
            members = weight[labels.group == group].sum(axis=0)
            priors[group] = np.maximum(_cube_sum(members) / neighbours, PRIOR_FLOOR)
        posterior = _posterior(values, inside, priors, means, variances, labels)
    return means, variances, posterior.argmax(axis=0)


def _posterior(
    values: Field, inside: BoolArray, priors: Field, means: Field, variances: Field, labels: _Labels
) -> Field:
    """[labels, z, y, x]: normalised prior * density inside the VOI, 0 outside."""
    centre = labels.weights @ means
    spread = labels.weights**2 @ variances
    shape = (-1, 1, 1, 1)
    log = -0.5 * (values - centre.reshape(shape)) ** 2 / spread.reshape(shape)
    log += np.log(priors[labels.group]) + np.log(labels.share / np.sqrt(spread)).reshape(shape)
    posterior = np.exp(log - log.max(axis=0))
    posterior *= inside / posterior.sum(axis=0)
    return np.asarray(posterior)


def _sampled(posterior: Field, inside: BoolArray, generator: np.random.Generator) -> Field:
    """One label drawn for each voxel, as 0/1 weights [labels, z, y, x]."""
    draw = generator.random(inside.shape)
    chosen = (posterior.cumsum(axis=0) < draw).sum(axis=0).clip(max=len(posterior) - 1)
    weight = np.arange(len(posterior)).reshape(-1, 1, 1, 1) == chosen
    return np.asarray(weight & inside, dtype=np.float64)


def _cube_sum(field: Field) -> Field:
    """Sum over the 3 x 3 x 3 cube, nothing beyond the box."""
    return np.asarray(ndimage.uniform_filter(field, 3, mode="constant") * 27.0)


def _labels(classes: int) -> _Labels:
    """Hard classes first (in order), then the levels of each pair of neighbours."""
    hard = np.eye(classes)
    rows, group, share = [*hard], list(range(classes)), [1.0] * classes
    for number, (a, b) in enumerate(pairwise(range(classes))):
        for level in FUZZY_LEVELS:
            rows.append((1 - level) * hard[a] + level * hard[b])
            group.append(classes + number)
            share.append(1.0 / len(FUZZY_LEVELS))
    return _Labels(np.array(rows), np.array(group), np.array(share))


def _tumour_labels(labels: _Labels) -> tuple[BoolArray, BoolArray]:
    """Which labels are tumour (background share at most 1/3), and which of them the hotter class."""
    background = labels.weights[:, 0]
    tumour = background <= 1 / 3 + 1e-9
    hotter = tumour & (labels.weights.argmax(axis=1) == 2)
    return tumour, hotter


def _initial(values: Field, settings: FlabSettings) -> tuple[Field, Field]:
    means, variances = k_means(values, settings.classes)
    if settings.means is not None:
        means = np.array(settings.means, dtype=np.float64)
    if settings.variances is not None:
        variances = np.array(settings.variances, dtype=np.float64)
    return means, np.maximum(variances, 1e-6 * values.var())


def k_means(values: Field, classes: int) -> tuple[Field, Field]:
    """Ascending means and variances of the classes of a list of numbers (Lloyd; start: equal steps
    between the extremes, so that a few hot voxels in much background are not passed over).
    """
    means = np.linspace(values.min(), values.max(), classes)
    while True:
        nearest = np.abs(values[:, None] - means).argmin(axis=1)
        parts = [values[nearest == k] for k in range(classes)]
        moved = np.array([p.mean() if p.size else m for p, m in zip(parts, means, strict=True)])
        if np.array_equal(moved, means):
            return means, np.array([p.var() if p.size else 0.0 for p in parts])
        means = moved


def _checked_box(suv: FloatArray, voi: BoolArray, settings: FlabSettings) -> Box:
    if settings.classes not in (2, 3) or settings.iterations < 1:
        raise FlabFailed("FLAB knows two or three classes and at least one iteration.")
    for given in (settings.means, settings.variances):
        if given is not None and len(given) != settings.classes:
            raise FlabFailed("One initial value for each class is needed.", got=list(given))
    if settings.means is not None and list(settings.means) != sorted(set(settings.means)):
        raise FlabFailed("Initial means must ascend.", got=list(settings.means))
    if settings.variances is not None and min(settings.variances) <= 0:
        raise FlabFailed("Initial variances must be positive.", got=list(settings.variances))
    box = occupied_box(voi)
    values = suv[voi]
    if box is None or values.size < FEWEST_VOXELS:
        raise FlabFailed("The VOI holds too few voxels.", fewest=FEWEST_VOXELS, got=int(values.size))
    if not np.isfinite(suv[box]).all():
        raise FlabFailed("The VOI holds voxels without a SUV.")
    if values.min() == values.max():
        raise FlabFailed("There is no contrast in the VOI.", suv=float(values[0]))
    return box


def _warnings(mask: BoolArray, values: Field, inside: BoolArray, grid: Grid, cold: float) -> tuple[str, ...]:
    """Named doubts: `nothing_found`, `small_lesion`, `wide_margin`.

    A small lesion in noise may be drawn far too large, so its size is judged by its voxels above half
    of the way from the background (`cold`) to its hottest voxel.
    """
    found = occupied_box(mask)
    if found is None:
        return ("nothing_found",)
    doubts = []
    half = mask & (values > (cold + values[mask].max()) / 2)
    if _equivalent_diameter_mm(half, grid) < SMALL_DIAMETER_MM:
        doubts.append("small_lesion")
    spacing = np.array(grid.spacing_xyz_mm[::-1])
    margin = (np.array(inside.shape) - np.array(box_shape(found))) * spacing / 2
    if margin.max() > WIDE_MARGIN_MM:
        doubts.append("wide_margin")
    return tuple(doubts)


def _equivalent_diameter_mm(mask: BoolArray, grid: Grid) -> float:
    return float((6 * np.count_nonzero(mask) * grid.voxel_volume_ml * 1000 / np.pi) ** (1 / 3))
