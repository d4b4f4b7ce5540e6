/**
 * What a brush or eraser stroke does to the label map. Editing one lesion never alters another, a
 * label is never left in more pieces than it was, and a stroke that does not touch the active lesion
 * starts a new one.
 */

import type { Grid, Vec3 } from './grid';
import type { LabelStore } from './labelStore';
import { forEachNeighbour, pieces } from './neighbours';
import type { Axis, PlaneAxes } from './orientation';
import { type Patch, patchFrom, RESERVED_LABEL } from './patch';
import { sphereVoxels } from './spheres';

/** Voxels of a disc round a fractional index in a plane: centres within the radius, at least the nearest one. */
export function discVoxels(grid: Grid, axes: PlaneAxes, centre: Vec3, radiusMm: number): number[] {
  const [u, v] = [axes.right.axis, axes.down.axis];
  const slice = Math.round(centre[axes.across.axis]);
  const found: number[] = [];
  const add = (a: number, b: number): void => {
    const at: [number, number, number] = [0, 0, 0];
    at[u] = a;
    at[v] = b;
    at[axes.across.axis] = slice;
    if (grid.contains(at)) found.push(grid.flat(...at));
  };
  const reach = (axis: Axis): number => Math.ceil(radiusMm / grid.spacing[axis]);
  for (let b = Math.floor(centre[v]) - reach(v); b <= Math.ceil(centre[v]) + reach(v); b++) {
    for (let a = Math.floor(centre[u]) - reach(u); a <= Math.ceil(centre[u]) + reach(u); a++) {
      const du = (a - centre[u]) * grid.spacing[u];
      const dv = (b - centre[v]) * grid.spacing[v];
      if (du * du + dv * dv <= radiusMm * radiusMm) add(a, b);
    }
  }
  if (found.length === 0) add(Math.round(centre[u]), Math.round(centre[v]));
  return found;
}

/** Discs along a line, close enough to leave no gaps. */
export function lineVoxels(grid: Grid, axes: PlaneAxes, from: Vec3, to: Vec3, radiusMm: number): Set<number> {
  const du = (to[axes.right.axis] - from[axes.right.axis]) * grid.spacing[axes.right.axis];
  const dv = (to[axes.down.axis] - from[axes.down.axis]) * grid.spacing[axes.down.axis];
  const step = Math.max(radiusMm / 2, Math.min(...grid.spacing) / 2);
  const count = Math.max(1, Math.ceil(Math.hypot(du, dv) / step));
  const found = new Set<number>();
  for (let n = 0; n <= count; n++) {
    const t = n / count;
    const at: Vec3 = [
      from[0] + (to[0] - from[0]) * t,
      from[1] + (to[1] - from[1]) * t,
      from[2] + (to[2] - from[2]) * t,
    ];
    for (const index of discVoxels(grid, axes, at, radiusMm)) found.add(index);
  }
  return found;
}

/** Balls along a line: the same through the slices. */
export function ballLineVoxels(grid: Grid, _axes: PlaneAxes, from: Vec3, to: Vec3, radiusMm: number): Set<number> {
  const length = Math.hypot(...([0, 1, 2] as const).map((axis) => (to[axis] - from[axis]) * grid.spacing[axis]));
  const count = Math.max(1, Math.ceil(length / Math.max(radiusMm / 2, Math.min(...grid.spacing) / 2)));
  const found = new Set<number>();
  for (let n = 0; n <= count; n++) {
    const t = n / count;
    const at: Vec3 = [from[0] + (to[0] - from[0]) * t, from[1] + (to[1] - from[1]) * t, from[2] + (to[2] - from[2]) * t];
    for (const index of sphereVoxels(grid, at, radiusMm)) found.add(index);
    const nearest: Vec3 = [Math.round(at[0]), Math.round(at[1]), Math.round(at[2])];
    if (grid.contains(nearest)) found.add(grid.flat(...nearest));
  }
  return found;
}

/** Whether a voxel of the set belongs to the lesion or lies next to it. */
export function touches(store: LabelStore, voxels: Iterable<number>, label: number): boolean {
  for (const index of voxels) {
    if (store.at(index) === label) return true;
    let beside = false;
    forEachNeighbour(store.grid, index, (neighbour) => (beside ||= store.at(neighbour) === label));
    if (beside) return true;
  }
  return false;
}

export interface StrokeResult {
  readonly patch: Patch;
  /** The lesion that is active afterwards. */
  readonly label: number;
}

/** Paints the background voxels of a stroke; other lesions stay as they are. Null when nothing changes. */
export function paintStroke(store: LabelStore, stroke: Iterable<number>, active: number | null): StrokeResult | null {
  const free: number[] = [];
  for (const index of stroke) if (store.at(index) === 0) free.push(index);
  if (free.length === 0) return null;
  const target = new Map<number, number>();
  let fresh = store.nextLabel();
  let result: number | null = null;
  for (const piece of pieces(store.grid, free)) {
    const joins = active !== null && touches(store, piece, active);
    const label = joins ? active : fresh;
    if (!joins) fresh = afterLabel(fresh);
    if (joins || result === null) result = label;
    for (const index of piece) target.set(index, label);
  }
  return { patch: patchOf(store, target), label: result ?? store.nextLabel() };
}

/**
 * Erases the voxels of one lesion under the stroke. Where that cuts the lesion apart, its largest
 * part keeps the number and the others become lesions of their own.
 */
export function eraseStroke(store: LabelStore, stroke: Iterable<number>, label: number): StrokeResult | null {
  const target = new Map<number, number>();
  for (const index of stroke) if (store.at(index) === label) target.set(index, 0);
  if (target.size === 0) return null;
  let fresh = store.nextLabel();
  for (const whole of piecesOf(store, label)) {
    if (!whole.some((index) => target.has(index))) continue;
    const rest = pieces(store.grid, whole.filter((index) => !target.has(index)));
    for (const part of rest.slice(1)) {
      for (const index of part) target.set(index, fresh);
      fresh = afterLabel(fresh);
    }
  }
  return { patch: patchOf(store, target), label };
}

/** The whole lesion to background. */
export function deletePatch(store: LabelStore, label: number): Patch {
  return patchFrom(store.labels, store.voxels(label), () => 0);
}

/** All of one lesion to another number: the explicit merge, which may leave it in several pieces. */
export function mergePatch(store: LabelStore, from: number, into: number): Patch {
  return patchFrom(store.labels, store.voxels(from), () => into);
}

/** Background voxels of the list (ascending) to the label. */
export function fillPatch(store: LabelStore, voxels: Int32Array, label: number): Patch {
  return patchFrom(store.labels, voxels, (index) => (store.at(index) === 0 ? label : store.at(index)));
}

function piecesOf(store: LabelStore, label: number): number[][] {
  return pieces(store.grid, store.voxels(label));
}

function patchOf(store: LabelStore, target: ReadonlyMap<number, number>): Patch {
  const indices = Int32Array.from(target.keys()).sort();
  return patchFrom(store.labels, indices, (index) => target.get(index) ?? 0);
}

function afterLabel(label: number): number {
  return label + 1 === RESERVED_LABEL ? label + 2 : label + 1;
}
