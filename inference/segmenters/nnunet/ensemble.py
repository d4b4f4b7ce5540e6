"""The folds of a release joined voxel by voxel as they come: their mean, and how far they disagree.

Disagreement is the *range*: the largest minus the smallest fold probability of the foreground. It is a
share from 0 (every fold says the same) to 1 (one fold is sure of tumour and another of none) whatever
the number of folds, and it shows a single fold that dissents, which a standard deviation over five folds
halves. Largest and smallest do not depend on the order of the folds nor on rounding, so the map is the
same every time; a streamed variance of float32 is not. Of two folds the range is twice the standard
deviation. It does grow with the number of folds: maps of releases with different numbers of folds are
not to be compared. It is disagreement between trainings, not a calibrated probability of an error.

Three arrays are kept whatever the number of folds (one for a single fold); none is copied.
"""

import numpy as np

from annotations.imaging.volume import FloatArray


class FoldEnsemble:
    """Give it the float32 foreground probability [z, y, x] of one fold after the other."""

    def __init__(self) -> None:
        self.count = 0
        self._total: FloatArray | None = None
        self._lowest: FloatArray | None = None
        self._highest: FloatArray | None = None

    def add(self, probability: FloatArray) -> None:
        self.count += 1
        if self._total is None:
            self._total = probability.copy()
            self._lowest = probability
            return
        self._total += probability
        assert self._lowest is not None
        if self._highest is None:
            self._highest = np.maximum(self._lowest, probability)
        else:
            np.maximum(self._highest, probability, out=self._highest)
        np.minimum(self._lowest, probability, out=self._lowest)

    def mean(self) -> FloatArray:
        if self._total is None:
            raise ValueError("There is no fold to take the mean of.")
        return self._total / np.float32(self.count)

    def disagreement(self) -> FloatArray | None:
        """Range of the folds, 0 to 1; None with fewer than two folds: one fold disagrees with nobody."""
        if self._highest is None or self._lowest is None:
            return None
        return self._highest - self._lowest
