"""Touching lesions apart, by watershed.

Splitting floods the smoothed uptake from its peaks down. A peak counts when the way to any higher
one leads through a valley that is lower than the peak by at least a share of it (h-maxima of the
logarithm: a dip of 20 % is the same step at SUV 3 and at SUV 60).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk
from scipy import ndimage

from annotations.errors import InvalidInput
from annotations.imaging.boxes import (
    Box,
    grow_box,
    in_whole,
    margins_of,
    occupied_box,
    relative_index,
)
from annotations.imaging.checks import AnyArray, IndexZYX, require_inside, require_shape
from annotations.imaging.components import (
    MINIMUM_LESION_ML,
    label_components,
    label_sizes,
    lesion_numbers,
    minimum_voxels,
    relabel,
)
from annotations.imaging.geometry import Grid
from annotations.imaging.volume import BoolArray, FloatArray, LabelArray

ITK: Any = sitk  # its functions carry no types
CUBE = np.ones((3, 3, 3), dtype=np.bool_)
PEAK_SHARE = 0.2
SMOOTHING_MM = 2.0  # standard deviation
LOWEST_SUV = 1e-3


class NotInRegion(InvalidInput):
    code = "not_in_region"


def split_region(
    region: BoolArray,
    suv: FloatArray,
    grid: Grid,
    peak_share: float = PEAK_SHARE,
    smoothing_mm: float = SMOOTHING_MM,
    minimum_ml: float = MINIMUM_LESION_ML,
) -> LabelArray:
    """Pieces of a region, uint16 [z, y, x], numbered by descending volume (without 255).

    Every voxel of the region belongs to one piece. Pieces under `minimum_ml` fall to their
    neighbours, unless they touch none. One piece means that there is nothing to split.
    """
    box, inside, smooth = _smoothed(region, suv, grid, smoothing_mm)
    if not 0 < peak_share < 1:
        raise InvalidInput("The depth of a valley is a share between 0 and 1.", got=peak_share)
    level = np.log(np.maximum(smooth, LOWEST_SUV))
    markers = find_peaks(level, inside, -float(np.log1p(-peak_share)))
    fewest = minimum_voxels(grid, minimum_ml)
    pieces = flood(-level, inside, markers)
    while True:
        sizes = label_sizes(pieces)
        candidates = (int(k) for k in np.flatnonzero((sizes > 0) & (sizes < fewest)) if k)
        small = [k for k in candidates if _touches_another(pieces, k)]
        if not small:
            return number_pieces(pieces, box, grid)
        markers[markers == min(small, key=lambda k: int(sizes[k]))] = 0
        pieces = flood(-level, inside, markers)


def split_at_seeds(
    region: BoolArray,
    suv: FloatArray,
    grid: Grid,
    seeds_zyx: Sequence[IndexZYX],
    smoothing_mm: float = SMOOTHING_MM,
) -> LabelArray:
    """One piece for each seed the reader set, numbered in the order of the seeds (without 255).

    Voxels of the region that no seed reaches stay together as one more piece, the last. Raises
    NotInRegion for a seed outside the region or set twice.
    """
    box, inside, smooth = _smoothed(region, suv, grid, smoothing_mm)
    markers = np.zeros(inside.shape, dtype=np.int32)
    for number, seed in enumerate(seeds_zyx, start=1):
        require_inside(seed, grid)
        if not region[seed] or markers[relative_index(seed, box)]:
            raise NotInRegion("Each seed lies in the region, at a place of its own.", seed=list(seed))
        markers[relative_index(seed, box)] = number
    pieces = flood(-smooth, inside, markers)
    pieces[inside & (pieces == 0)] = len(seeds_zyx) + 1
    numbers = np.append(np.uint16(0), lesion_numbers(len(seeds_zyx) + 1))
    result: LabelArray = in_whole(numbers[pieces], box, grid)
    return result


def _smoothed(
    region: BoolArray, suv: FloatArray, grid: Grid, smoothing_mm: float
) -> tuple[Box, BoolArray, npt.NDArray[np.float64]]:
    """The region's box with room for the outside, the region in it, and the smoothed SUV."""
    require_shape(region, grid, "region")
    require_shape(suv, grid, "SUV image")
    tight = occupied_box(region)
    if tight is None:
        raise NotInRegion("The region is empty.")
    margin = margins_of(grid, 3 * smoothing_mm)
    wide = grow_box(tight, (margin[0] + 1, margin[1] + 1, margin[2] + 1), grid.shape_zyx)
    sigma = [smoothing_mm / spacing for spacing in grid.spacing_xyz_mm[::-1]]
    values = np.nan_to_num(suv[wide].astype(np.float64))
    return wide, region[wide], ndimage.gaussian_filter(values, sigma)


def find_peaks(level: AnyArray, inside: BoolArray, height: float) -> npt.NDArray[np.int32]:
    """int32 markers: plateaus of the h-maxima of `level` within a mask; at least one a component."""
    floor = float(level[inside].min()) - 2 * height - 1.0
    image = sitk.GetImageFromArray(np.where(inside, level, floor))
    flattened = ITK.ReconstructionByDilation(image - height, image, fullyConnected=True)
    maxima = sitk.GetArrayFromImage(ITK.RegionalMaxima(flattened, fullyConnected=True)) != 0
    found, _ = label_components(maxima & inside, 26)
    return found.astype(np.int32)


def flood(height: AnyArray, inside: BoolArray, markers: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Watershed without lines from markers within a mask (26 neighbours); 0 outside and unreached."""
    top = float(height[inside].max()) + 1.0 if inside.any() else 0.0
    image = sitk.GetImageFromArray(np.where(inside, height, top))
    flooded = ITK.MorphologicalWatershedFromMarkers(
        image, sitk.GetImageFromArray(markers), markWatershedLine=False, fullyConnected=True
    )
    # The outside floods last. What it floods back into, an island without a marker, was not reached.
    islands, count = label_components(inside, 26)
    reached = np.zeros(count + 1, dtype=np.bool_)
    reached[np.unique(islands[markers != 0])] = True
    reached[0] = False
    result: npt.NDArray[np.int32] = np.where(reached[islands], sitk.GetArrayFromImage(flooded), 0)
    return result.astype(np.int32)


def _touches_another(pieces: AnyArray, label: int) -> bool:
    own = pieces == label
    around = ndimage.binary_dilation(own, CUBE) & ~own
    return bool((pieces[around] != 0).any())


def number_pieces(pieces: AnyArray, box: Box, grid: Grid) -> LabelArray:
    """Pieces in a box as labels of the whole grid, numbered by descending volume (without 255)."""
    sizes = label_sizes(pieces)
    order = np.flatnonzero(sizes)
    order = order[order != 0]
    order = order[np.argsort(-sizes[order], kind="stable")]
    table = np.zeros(len(sizes), dtype=np.uint16)
    table[order] = lesion_numbers(len(order))
    result: LabelArray = in_whole(relabel(pieces, table), box, grid)
    return result
