"""Volumes turned so that the array axes run along the patient: [z -> head, y -> back, x -> left].

Only whole axes are swapped or flipped (views, no resampling): an oblique grid is shown along the
axes that lie nearest to the patient's.
"""

from dataclasses import dataclass
from itertools import permutations

from annotations.imaging.checks import AnyArray, IndexZYX
from annotations.imaging.geometry import Grid, Vector


@dataclass(frozen=True)
class Orientation:
    """`order[k]`: the array axis that becomes axis k of the turned array; `flipped[k]`: reversed."""

    shape_zyx: IndexZYX
    order: tuple[int, int, int]
    flipped: tuple[bool, bool, bool]
    spacing_xyz_mm: Vector

    @property
    def turned_shape_zyx(self) -> IndexZYX:
        z, y, x = (self.shape_zyx[axis] for axis in self.order)
        return z, y, x

    def turn(self, array: AnyArray) -> AnyArray:
        """The array seen along the patient's axes; a view."""
        steps = tuple(slice(None, None, -1 if flip else 1) for flip in self.flipped)
        return array.transpose(self.order)[steps]

    def index_from(self, turned_zyx: IndexZYX) -> IndexZYX:
        """Index in the array itself of an index in the turned array."""
        index = [0, 0, 0]
        for k, (axis, flip) in enumerate(zip(self.order, self.flipped, strict=True)):
            index[axis] = self.shape_zyx[axis] - 1 - turned_zyx[k] if flip else turned_zyx[k]
        return index[0], index[1], index[2]

    def index_to(self, index_zyx: IndexZYX) -> IndexZYX:
        """Index in the turned array of an index in the array itself."""
        z, y, x = (
            self.shape_zyx[axis] - 1 - index_zyx[axis] if flip else index_zyx[axis]
            for axis, flip in zip(self.order, self.flipped, strict=True)
        )
        return z, y, x


def patient_orientation(grid: Grid) -> Orientation:
    """How to turn arrays on `grid` along the patient's axes."""
    axes = grid.axes  # rows: left, back, head; columns: index x, y, z
    best = max(permutations(range(3)), key=lambda p: sum(abs(axes[k, p[k]]) for k in range(3)))
    flips = [bool(axes[k, best[k]] < 0) for k in range(3)]
    spacing = [grid.spacing_xyz_mm[axis] for axis in best]
    # Patient axis k (x, y, z) is array axis 2 - k; index axis i is array axis 2 - i.
    return Orientation(
        shape_zyx=grid.shape_zyx,
        order=(2 - best[2], 2 - best[1], 2 - best[0]),
        flipped=(flips[2], flips[1], flips[0]),
        spacing_xyz_mm=(spacing[0], spacing[1], spacing[2]),
    )
