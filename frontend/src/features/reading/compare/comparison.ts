/** What differs between two label maps: by lesion and in mL. */

export type ChangeKind = 'gained' | 'lost' | 'changed' | 'same';

export interface LesionChange {
  readonly label: number;
  readonly kind: ChangeKind;
  /** mL of the lesion here and there. */
  readonly hereMl: number;
  readonly thereMl: number;
  /** mL of this lesion only here, and only there. */
  readonly gainedMl: number;
  readonly lostMl: number;
  /** Lesions of the other map that it touches, where numbers mean nothing. */
  readonly touches: readonly number[];
}

export interface Difference {
  readonly lesions: readonly LesionChange[];
  readonly counts: Readonly<Record<ChangeKind, number>>;
  /** mL that are lesion only here, and only there. */
  readonly gainedMl: number;
  readonly lostMl: number;
  readonly bothMl: number;
}

/** A label map with the voxels of each lesion. */
export interface Labelled {
  readonly labels: Uint16Array;
  readonly present: readonly number[];
  voxels(label: number): Int32Array;
}

/**
 * `by` "number": a lesion is the same one under its number (versions of one lineage keep them).
 * "overlap": numbers are unrelated; a lesion is gained when it touches none there.
 */
export function compareLabels(here: Labelled, there: Labelled, voxelMl: number, by: 'number' | 'overlap'): Difference {
  const lesions = by === 'number' ? byNumber(here, there, voxelMl) : byOverlap(here, there, voxelMl);
  const counts = { gained: 0, lost: 0, changed: 0, same: 0 };
  for (const { kind } of lesions) counts[kind] += 1;
  const only = (one: Labelled, other: Labelled): number => sum(one.present.map((label) => count(one.voxels(label), (index) => other.labels[index] === 0)));
  const [gained, lost] = [only(here, there), only(there, here)];
  const all = sum(here.present.map((label) => here.voxels(label).length));
  return { lesions, counts, gainedMl: gained * voxelMl, lostMl: lost * voxelMl, bothMl: (all - gained) * voxelMl };
}

function byNumber(here: Labelled, there: Labelled, voxelMl: number): LesionChange[] {
  const numbers = [...new Set([...here.present, ...there.present])].sort((a, b) => a - b);
  return numbers.map((label) => {
    const [ours, theirs] = [here.voxels(label), there.voxels(label)];
    const gained = count(ours, (index) => there.labels[index] !== label);
    const lost = count(theirs, (index) => here.labels[index] !== label);
    const kind = theirs.length === 0 ? 'gained' : ours.length === 0 ? 'lost' : gained + lost > 0 ? 'changed' : 'same';
    return change(label, kind, ours.length, theirs.length, gained, lost, [], voxelMl);
  });
}

function byOverlap(here: Labelled, there: Labelled, voxelMl: number): LesionChange[] {
  const ours = here.present.map((label): LesionChange => {
    const voxels = here.voxels(label);
    const touches = touched(voxels, there.labels);
    const gained = count(voxels, (index) => there.labels[index] === 0);
    const partners = touches.map((other) => there.voxels(other));
    const thereCount = sum(partners.map((list) => list.length));
    const lost = sum(partners.map((list) => count(list, (index) => here.labels[index] === 0)));
    const kind = touches.length === 0 ? 'gained' : gained + lost > 0 || touches.length > 1 ? 'changed' : 'same';
    return change(label, kind, voxels.length, thereCount, gained, lost, touches, voxelMl);
  });
  const missed = there.present
    .filter((label) => touched(there.voxels(label), here.labels).length === 0)
    .map((label) => change(label, 'lost', 0, there.voxels(label).length, 0, there.voxels(label).length, [], voxelMl));
  return [...ours, ...missed];
}

function change(label: number, kind: ChangeKind, here: number, there: number, gained: number, lost: number, touches: readonly number[], ml: number): LesionChange {
  return { label, kind, hereMl: here * ml, thereMl: there * ml, gainedMl: gained * ml, lostMl: lost * ml, touches };
}

function touched(voxels: Int32Array, labels: Uint16Array): number[] {
  const found = new Set<number>();
  for (const index of voxels) if (labels[index] !== 0) found.add(labels[index]!);
  return [...found].sort((a, b) => a - b);
}

/** Voxels that only one map holds, and those of both: what a difference shows. */
export function splitVoxels(here: Labelled, there: Labelled): { here: Int32Array; there: Int32Array; both: Int32Array } {
  const only: number[] = [];
  const both: number[] = [];
  const missing: number[] = [];
  for (const label of here.present) for (const index of here.voxels(label)) (there.labels[index] === 0 ? only : both).push(index);
  for (const label of there.present) for (const index of there.voxels(label)) if (here.labels[index] === 0) missing.push(index);
  return { here: Int32Array.from(only), there: Int32Array.from(missing), both: Int32Array.from(both) };
}

function count(voxels: Int32Array, holds: (index: number) => boolean): number {
  let found = 0;
  for (const index of voxels) if (holds(index)) found += 1;
  return found;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
