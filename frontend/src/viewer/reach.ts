/** How far a volume reaches across a plane: whether a slice of another volume lies in it at all. */

import type { Grid, Vec3 } from './grid';
import { type Plane, planeAxes } from './orientation';

const WORLD_AXIS: Readonly<Record<Plane, 0 | 1 | 2>> = { sagittal: 0, coronal: 1, axial: 2 };

/** Null where the plane through `place` (LPS mm) meets the volume; else the mm from which to which it reaches. */
export function reachOf(grid: Grid, plane: Plane, place: Vec3): readonly [number, number] | null {
  const { axis } = planeAxes(grid, plane).across;
  const index = grid.worldToIndex(place);
  const last = grid.shape[axis] - 1;
  if (index[axis] >= -0.5 && index[axis] <= last + 0.5) return null;
  const end = (at: number): number => {
    const there: [number, number, number] = [index[0], index[1], index[2]];
    there[axis] = at;
    return grid.indexToWorld(there)[WORLD_AXIS[plane]];
  };
  const [low, high] = [end(-0.5), end(last + 0.5)];
  return low < high ? [low, high] : [high, low];
}
