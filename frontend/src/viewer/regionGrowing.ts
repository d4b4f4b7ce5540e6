/**
 * One lesion from one point: the twin of annotations/imaging/region_growing.py. A voxel belongs when
 * it lies strictly above the threshold (a float32 value against the unrounded limit) and is 26-connected to the seed.
 */

import type { Grid, Vec3 } from './grid';
import { forEachInSphere } from './spheres';

export const CLIMB_STEP_MM = 5.0;
export const CLIMB_RADIUS_MM = 15.0;

export interface LocalMaximum {
  readonly suv: number;
  readonly index: Vec3;
  readonly steps: number;
}

export interface Grown {
  /** Ascending flat indices. */
  readonly voxels: Int32Array;
  /** The stopping radius cut the region: it may leak. */
  readonly stopped: boolean;
}

export interface GrowOptions {
  readonly stopRadiusMm: number | null;
  /** Taken voxels (non-zero): the region neither enters nor crosses them. */
  readonly blocked: Uint16Array | null;
}

const EMPTY: Grown = { voxels: new Int32Array(0), stopped: false };

/** Uphill to the seed's own local maximum: each step to the hottest voxel within 5 mm, none farther than `radiusMm`. */
export function climbToMaximum(
  suv: Float32Array,
  grid: Grid,
  seed: Vec3,
  radiusMm = CLIMB_RADIUS_MM,
  stepMm = CLIMB_STEP_MM,
): LocalMaximum {
  const reach = Math.max(stepMm, Math.hypot(...grid.spacing) * 1.0001);
  const within = new Set<number>();
  forEachInSphere(grid, seed, radiusMm, (index) => {
    if (Number.isFinite(suv[index])) within.add(index);
  });
  let here = seed;
  let height = suv[grid.flat(...seed)] as number;
  for (let steps = 0; ; steps++) {
    let best: Vec3 | null = null;
    let highest = height;
    forEachInSphere(grid, here, reach, (index, x, y, z) => {
      const value = suv[index] as number;
      if (value > highest && within.has(index)) [highest, best] = [value, [x, y, z]];
    });
    if (best === null) return { suv: height, index: here, steps };
    [here, height] = [best, highest];
  }
}

/** Reuses its scratch memory between calls, because a preview grows at every step of the wheel. */
export class RegionGrower {
  private readonly seen: Uint8Array;

  constructor(
    private readonly suv: Float32Array,
    private readonly grid: Grid,
  ) {
    this.seen = new Uint8Array(grid.voxelCount);
  }

  grow(seed: Vec3, thresholdSuv: number, { stopRadiusMm, blocked }: GrowOptions): Grown {
    const first = this.grid.flat(...seed);
    if (!((this.suv[first] as number) > thresholdSuv) || (blocked !== null && blocked[first] !== 0)) return EMPTY;
    const { stack, stopped } = this.flood(first, seed, thresholdSuv, stopRadiusMm, blocked);
    for (const index of stack) this.seen[index] = 0;
    return { voxels: Int32Array.from(stack).sort(), stopped };
  }

  private flood(
    first: number,
    seed: Vec3,
    limit: number,
    radiusMm: number | null,
    blocked: Uint16Array | null,
  ): { stack: number[]; stopped: boolean } {
    const { suv, grid, seen } = this;
    const { nx, ny, nz } = grid;
    const [sx, sy, sz] = grid.spacing;
    const farthest = radiusMm === null ? Infinity : (radiusMm + 1e-6) ** 2;
    const stack = [first];
    let stopped = false;
    seen[first] = 1;
    for (let n = 0; n < stack.length; n++) {
      const index = stack[n] as number;
      const x = index % nx;
      const rest = (index - x) / nx;
      const y = rest % ny;
      const z = (rest - y) / ny;
      const [x0, x1] = [x > 0 ? x - 1 : x, x < nx - 1 ? x + 1 : x];
      const [y0, y1] = [y > 0 ? y - 1 : y, y < ny - 1 ? y + 1 : y];
      const [z0, z1] = [z > 0 ? z - 1 : z, z < nz - 1 ? z + 1 : z];
      for (let k = z0; k <= z1; k++) {
        for (let j = y0; j <= y1; j++) {
          const row = nx * (j + ny * k);
          const across = ((k - seed[2]) * sz) ** 2 + ((j - seed[1]) * sy) ** 2;
          for (let i = x0; i <= x1; i++) {
            const next = row + i;
            if (seen[next] || !((suv[next] as number) > limit)) continue;
            if (blocked !== null && blocked[next] !== 0) continue;
            if (across + ((i - seed[0]) * sx) ** 2 > farthest) {
              stopped = true;
              continue;
            }
            seen[next] = 1;
            stack.push(next);
          }
        }
      }
    }
    return { stack, stopped };
  }
}
