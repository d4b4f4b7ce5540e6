/**
 * Provisional measures of a lesion, until the server's arrive. The twin of
 * annotations/imaging/measures.py: SUVpeak is the mean over a 1 mL sphere (r = 6.2035 mm), locally
 * round the hottest voxel and globally the highest over the lesion.
 */

import type { Grid, Vec3 } from './grid';
import { sphereRuns } from './spheres';

export const PEAK_RADIUS_MM = 6.2035;

export interface Measures {
  readonly voxelCount: number;
  readonly volumeMl: number;
  readonly suvMax: number | null;
  readonly suvMean: number | null;
  readonly suvSd: number | null;
  readonly suvPeak: number | null;
  readonly suvPeakGlobal: number | null;
  readonly tlg: number | null;
  readonly centroidMm: Vec3;
  readonly maxMm: Vec3 | null;
  readonly maxIndex: Vec3 | null;
}

/** Measures of the voxels (ascending, at least one). `suv` null: no valid SUV, every SUV field null. */
export function measureVoxels(grid: Grid, suv: Float32Array | null, voxels: Int32Array): Measures {
  const volumeMl = voxels.length * grid.voxelVolumeMl;
  const shape = { voxelCount: voxels.length, volumeMl, centroidMm: centroid(grid, voxels) };
  const undefinedSuv = { suvMax: null, suvMean: null, suvSd: null, suvPeak: null, suvPeakGlobal: null };
  if (suv === null) return { ...shape, ...undefinedSuv, tlg: null, maxMm: null, maxIndex: null };
  const { mean, sd, max, hottest } = statistics(suv, voxels);
  const peaks = suvPeaks(grid, suv, voxels, max);
  const maxIndex = grid.unflat(hottest);
  return {
    ...shape,
    suvMax: max,
    suvMean: mean,
    suvSd: sd,
    suvPeak: peaks[0],
    suvPeakGlobal: peaks[1],
    tlg: volumeMl * mean,
    maxMm: grid.indexToWorld(maxIndex),
    maxIndex,
  };
}

export interface Summary {
  readonly ttvMl: number;
  readonly lowestMean: number | null;
  readonly lowestMeanLabel: number | null;
  readonly suvMax: number | null;
  readonly tlg: number | null;
  readonly count: number;
}

/** Sums over the lesions; a SUV field is null when one lesion has no SUV or there is none. */
export function summarise(lesions: readonly { label: number; volumeMl: number; suvMean: number | null; suvMax: number | null; tlg: number | null }[]): Summary {
  const hasSuv = lesions.length > 0 && lesions.every((one) => one.suvMean !== null);
  const lowest = hasSuv ? lesions.reduce((a, b) => ((b.suvMean ?? 0) < (a.suvMean ?? 0) ? b : a)) : null;
  return {
    ttvMl: lesions.reduce((sum, one) => sum + one.volumeMl, 0),
    lowestMean: lowest?.suvMean ?? null,
    lowestMeanLabel: lowest?.label ?? null,
    suvMax: hasSuv ? Math.max(...lesions.map((one) => one.suvMax ?? 0)) : null,
    tlg: hasSuv || lesions.length === 0 ? lesions.reduce((sum, one) => sum + (one.tlg ?? 0), 0) : null,
    count: lesions.length,
  };
}

function statistics(suv: Float32Array, voxels: Int32Array): { mean: number; sd: number | null; max: number; hottest: number } {
  let sum = 0;
  let max = -Infinity;
  let hottest = voxels[0] as number;
  for (const index of voxels) {
    const value = suv[index] as number;
    sum += value;
    if (value > max) [max, hottest] = [value, index];
  }
  const mean = sum / voxels.length;
  let squares = 0;
  for (const index of voxels) squares += ((suv[index] as number) - mean) ** 2;
  const sd = voxels.length > 1 ? Math.sqrt(squares / (voxels.length - 1)) : null;
  return { mean, sd, max, hottest };
}

function centroid(grid: Grid, voxels: Int32Array): Vec3 {
  let [sx, sy, sz] = [0, 0, 0];
  for (const index of voxels) {
    const [x, y, z] = grid.unflat(index);
    sx += x;
    sy += y;
    sz += z;
  }
  const n = voxels.length;
  return grid.indexToWorld([sx / n, sy / n, sz / n]);
}

/**
 * (local, global) SUVpeak. Only centres that can still be the highest are summed: a sphere's mean
 * never exceeds the hottest voxel within it, so cold centres far below are skipped cheaply.
 */
function suvPeaks(grid: Grid, suv: Float32Array, voxels: Int32Array, max: number): [number, number] {
  const runs = sphereRuns(grid, PEAK_RADIUS_MM);
  let local = -Infinity;
  let highest = -Infinity;
  for (const index of voxels) {
    const peak = sphereMean(grid, suv, index, runs);
    if (peak > highest) highest = peak;
    if (suv[index] === max && peak > local) local = peak;
  }
  return [local, highest];
}

function sphereMean(grid: Grid, suv: Float32Array, index: number, runs: readonly [number, number, number][]): number {
  const { nx, ny, nz } = grid;
  const x = index % nx;
  const rest = (index - x) / nx;
  const y = rest % ny;
  const z = (rest - y) / ny;
  let sum = 0;
  let count = 0;
  for (const [dz, dy, half] of runs) {
    const k = z + dz;
    const j = y + dy;
    if (k < 0 || j < 0 || k >= nz || j >= ny) continue;
    const row = nx * (j + ny * k);
    const low = x - half < 0 ? 0 : x - half;
    const high = x + half >= nx ? nx - 1 : x + half;
    for (let i = row + low; i <= row + high; i++) sum += suv[i] as number;
    count += high - low + 1;
  }
  return sum / count;
}
