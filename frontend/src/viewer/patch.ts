/**
 * Edits as run-length patches (start, length, old, new) on the flat [z, y, x] index: ascending,
 * without overlap, four uint32 a run. The twin of annotations/imaging/patches.py.
 */

export type Patch = Uint32Array;
export const RESERVED_LABEL = 255;
export const HIGHEST_LABEL = 65535;

export class PatchConflict extends Error {
  constructor(voxel: number, wanted: number, found: number) {
    super(`The edit was made on another state: voxel ${voxel} holds ${found}, not ${wanted}.`);
  }
}

/** Runs that give every voxel of `indices` (ascending) the label `to(index)`; unchanged voxels are left out. */
export function patchFrom(labels: Uint16Array, indices: ArrayLike<number>, to: (index: number, n: number) => number): Patch {
  const runs: number[] = [];
  let start = -1;
  let length = 0;
  let oldLabel = 0;
  let newLabel = 0;
  for (let n = 0; n < indices.length; n++) {
    const index = indices[n] as number;
    const before = labels[index] as number;
    const after = to(index, n);
    if (before === after) continue;
    if (length > 0 && index === start + length && before === oldLabel && after === newLabel) {
      length++;
      continue;
    }
    if (length > 0) runs.push(start, length, oldLabel, newLabel);
    [start, length, oldLabel, newLabel] = [index, 1, before, after];
  }
  if (length > 0) runs.push(start, length, oldLabel, newLabel);
  return Uint32Array.from(runs);
}

/** Applies the runs in place, or changes nothing and throws PatchConflict. */
export function applyPatch(labels: Uint16Array, patch: Patch): void {
  forEachRun(patch, (start, length, before) => {
    for (let i = start; i < start + length; i++) {
      if (labels[i] !== before) throw new PatchConflict(i, before, labels[i] ?? -1);
    }
  });
  forEachRun(patch, (start, length, _before, after) => labels.fill(after, start, start + length));
}

/** Whole runs, ascending, without overlap, inside the grid, with labels that exist. */
export function isPatch(patch: Patch, voxelCount: number): boolean {
  if (patch.length % 4 !== 0) return false;
  let end = 0;
  for (let i = 0; i < patch.length; i += 4) {
    const [start, length, before, after] = [patch[i]!, patch[i + 1]!, patch[i + 2]!, patch[i + 3]!];
    if (length === 0 || start < end || start + length > voxelCount) return false;
    if (before > HIGHEST_LABEL || after > HIGHEST_LABEL || after === RESERVED_LABEL || before === after) return false;
    end = start + length;
  }
  return true;
}

export function invertPatch(patch: Patch): Patch {
  const inverse = patch.slice();
  for (let i = 0; i < inverse.length; i += 4) {
    inverse[i + 2] = patch[i + 3] as number;
    inverse[i + 3] = patch[i + 2] as number;
  }
  return inverse;
}

/** Labels whose voxels the patch changes, without background. */
export function touchedLabels(patch: Patch): Set<number> {
  const touched = new Set<number>();
  forEachRun(patch, (_start, _length, before, after) => {
    if (before) touched.add(before);
    if (after) touched.add(after);
  });
  return touched;
}

export function voxelsIn(patch: Patch): number {
  let count = 0;
  for (let i = 1; i < patch.length; i += 4) count += patch[i] as number;
  return count;
}

export function forEachRun(
  patch: Patch,
  visit: (start: number, length: number, before: number, after: number) => void,
): void {
  for (let i = 0; i < patch.length; i += 4) {
    visit(patch[i] as number, patch[i + 1] as number, patch[i + 2] as number, patch[i + 3] as number);
  }
}

/** Base64 of the little-endian bytes, as an edit carries them. */
export function encodePatch(patch: Patch): string {
  const bytes = new Uint8Array(patch.length * 4);
  const view = new DataView(bytes.buffer);
  patch.forEach((value, i) => view.setUint32(i * 4, value, true));
  let text = '';
  for (let i = 0; i < bytes.length; i += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  }
  return btoa(text);
}

export function decodePatch(base64: string): Patch {
  const text = atob(base64);
  const bytes = Uint8Array.from(text, (c) => c.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Uint32Array.from({ length: bytes.length / 4 }, (_, i) => view.getUint32(i * 4, true));
}
