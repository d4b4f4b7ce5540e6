/** Spheres round a voxel centre: a voxel belongs when its centre lies within the radius. */

import { clamp, type Grid, type Vec3 } from './grid';

/** Keeps a voxel exactly on the radius inside, whatever the rounding (the server has the same slack). */
const SLACK_MM = 1e-6;

/** Runs along x: (dz, dy, half) means x - half .. x + half. */
export function sphereRuns(grid: Grid, radiusMm: number): [number, number, number][] {
  const [sx, sy, sz] = grid.spacing;
  const reachY = Math.trunc(radiusMm / sy);
  const reachZ = Math.trunc(radiusMm / sz);
  const runs: [number, number, number][] = [];
  for (let dz = -reachZ; dz <= reachZ; dz++) {
    for (let dy = -reachY; dy <= reachY; dy++) {
      const left = radiusMm ** 2 - (dz * sz) ** 2 - (dy * sy) ** 2;
      if (left >= 0) runs.push([dz, dy, Math.trunc(Math.sqrt(left) / sx)]);
    }
  }
  return runs;
}

/** Visits the voxels of a sphere round an index, which may be fractional, in scan order. */
export function forEachInSphere(
  grid: Grid,
  centre: Vec3,
  radiusMm: number,
  visit: (index: number, x: number, y: number, z: number) => void,
): void {
  const [sx, sy, sz] = grid.spacing;
  const limit = (radiusMm + SLACK_MM) ** 2;
  const range = (axis: 0 | 1 | 2): [number, number] => {
    const reach = radiusMm / grid.spacing[axis];
    const last = grid.shape[axis] - 1;
    return [clamp(Math.floor(centre[axis] - reach), 0, last), clamp(Math.ceil(centre[axis] + reach), 0, last)];
  };
  const [x0, x1] = range(0);
  const [y0, y1] = range(1);
  const [z0, z1] = range(2);
  for (let z = z0; z <= z1; z++) {
    for (let y = y0; y <= y1; y++) {
      const across = ((z - centre[2]) * sz) ** 2 + ((y - centre[1]) * sy) ** 2;
      if (across > limit) continue;
      for (let x = x0; x <= x1; x++) {
        if (across + ((x - centre[0]) * sx) ** 2 <= limit) visit(grid.flat(x, y, z), x, y, z);
      }
    }
  }
}

/** Flat indices of a sphere, ascending. */
export function sphereVoxels(grid: Grid, centre: Vec3, radiusMm: number): number[] {
  const found: number[] = [];
  forEachInSphere(grid, centre, radiusMm, (index) => found.push(index));
  return found;
}
