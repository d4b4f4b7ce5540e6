"""From a probability map to lesions: 0.5, body outline, smallest volume, one label a lesion."""

from annotations.imaging.checks import require_shape
from annotations.imaging.components import MINIMUM_LESION_ML, number_lesions
from annotations.imaging.geometry import Grid
from annotations.imaging.volume import BoolArray, FloatArray, LabelArray

THRESHOLD = 0.5


def label_probability(
    probability: FloatArray, grid: Grid, body: BoolArray, minimum_ml: float = MINIMUM_LESION_ML
) -> tuple[BoolArray, LabelArray]:
    """(mask of probability > 0.5, uint16 labels) [z, y, x], in the order that the method's paper gives.

    The mask is the plain threshold; labels are its 26-connected components inside the body outline, of
    at least `minimum_ml`, numbered by descending volume (255 is skipped).
    """
    require_shape(probability, grid, "probability")
    require_shape(body, grid, "body outline")
    mask: BoolArray = probability > THRESHOLD
    return mask, number_lesions(mask & body, grid, connectivity=26, minimum_ml=minimum_ml)
