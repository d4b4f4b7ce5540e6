/**
 * The label map as the reader sees it: our own, free of any framework. It holds the voxels of each
 * lesion, applies run-length patches and keeps their inverses for undo and redo.
 */

import type { LesionEdit } from '../api/types';
import type { Grid } from './grid';
import { applyPatch, forEachRun, invertPatch, isPatch, type Patch, RESERVED_LABEL, touchedLabels } from './patch';

export const UNDO_DEPTH = 100;

export interface HistoryEntry {
  readonly patch: Patch;
  readonly tool: string;
  /** What was said of lesions before and after, for whoever keeps texts. */
  readonly texts?: TextChange;
}

export interface TextChange {
  readonly before: readonly LesionEdit[];
  readonly after: readonly LesionEdit[];
}

export type LabelListener = (touched: ReadonlySet<number>) => void;

export class LabelStore {
  readonly labels: Uint16Array;
  private readonly voxelLists = new Map<number, Int32Array>();
  private readonly used = new Set<number>();
  private readonly undoStack: HistoryEntry[] = [];
  private readonly redoStack: HistoryEntry[] = [];
  private readonly listeners = new Set<LabelListener>();

  constructor(
    readonly grid: Grid,
    labels: Uint16Array,
  ) {
    if (labels.length !== grid.voxelCount) throw new Error('The label map does not have the voxels of its grid.');
    this.labels = labels;
    this.indexAll();
  }

  /** Lesions that have voxels, ascending. */
  get present(): number[] {
    return [...this.voxelLists.keys()].sort((a, b) => a - b);
  }

  /** Ascending flat indices of a lesion's voxels; empty when it has none. */
  voxels(label: number): Int32Array {
    return this.voxelLists.get(label) ?? new Int32Array(0);
  }

  at(index: number): number {
    return this.labels[index] ?? 0;
  }

  get canUndo(): HistoryEntry | undefined {
    return this.undoStack.at(-1);
  }

  get canRedo(): HistoryEntry | undefined {
    return this.redoStack.at(-1);
  }

  /** Numbers that were ever given (deleted ones too) are never given again. */
  reserve(labels: Iterable<number>): void {
    for (const label of labels) this.used.add(label);
  }

  /** The lowest number above all that were ever given; never 255. */
  nextLabel(): number {
    const next = Math.max(0, ...this.used) + 1;
    return next === RESERVED_LABEL ? next + 1 : next;
  }

  /** Applies an edit and remembers how to undo it. */
  apply(patch: Patch, tool: string, texts?: TextChange): void {
    this.change(patch);
    this.undoStack.push({ patch, tool, ...(texts ? { texts } : {}) });
    if (this.undoStack.length > UNDO_DEPTH) this.undoStack.shift();
    this.redoStack.length = 0;
  }

  /** Takes the last edit back; returns the patch that did it, or null when there is none. */
  undo(): HistoryEntry | null {
    return this.step(this.undoStack, this.redoStack, true);
  }

  redo(): HistoryEntry | null {
    return this.step(this.redoStack, this.undoStack, false);
  }

  /** Applies a patch that is remembered elsewhere (an edit of an earlier load of the page). */
  replay(patch: Patch): void {
    this.change(patch);
  }

  /** Takes over a history; from the first entry on that does not fit the voxels, it is dropped. */
  restoreHistory(undo: readonly HistoryEntry[], redo: readonly HistoryEntry[]): void {
    this.undoStack.splice(0, Infinity, ...this.fitting(undo.slice(-UNDO_DEPTH), (patch) => invertPatch(patch)));
    this.redoStack.splice(0, Infinity, ...this.fitting(redo.slice(-UNDO_DEPTH), (patch) => patch));
  }

  subscribe(listener: LabelListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The newest entries that can be walked from the voxels as they are, without changing them. */
  private fitting(entries: readonly HistoryEntry[], way: (patch: Patch) => Patch): HistoryEntry[] {
    const walked = new Map<number, number>();
    let kept = entries.length;
    for (; kept > 0; kept--) {
      const patch = way((entries[kept - 1] as HistoryEntry).patch);
      if (!isPatch(patch, this.labels.length)) break;
      let fits = true;
      forEachRun(patch, (start, length, before) => {
        for (let i = start; fits && i < start + length; i++) fits = (walked.get(i) ?? this.labels[i]) === before;
      });
      if (!fits) break;
      forEachRun(patch, (start, length, _before, after) => {
        for (let i = start; i < start + length; i++) walked.set(i, after);
      });
    }
    return entries.slice(kept);
  }

  private step(from: HistoryEntry[], to: HistoryEntry[], invert: boolean): HistoryEntry | null {
    const entry = from.at(-1);
    if (entry === undefined) return null;
    const patch = invert ? invertPatch(entry.patch) : entry.patch;
    this.change(patch);
    from.pop();
    to.push(entry);
    return { ...entry, patch };
  }

  private change(patch: Patch): void {
    applyPatch(this.labels, patch);
    const touched = touchedLabels(patch);
    const gained = new Map<number, number[]>();
    forEachRun(patch, (start, length, _before, after) => {
      if (after === 0) return;
      let list = gained.get(after);
      if (list === undefined) gained.set(after, (list = []));
      for (let i = start; i < start + length; i++) list.push(i);
    });
    for (const label of touched) this.relist(label, gained.get(label) ?? []);
    this.reserve(touched);
    for (const listener of this.listeners) listener(touched);
  }

  private relist(label: number, gained: readonly number[]): void {
    const kept = this.voxels(label).filter((index) => this.labels[index] === label);
    const list = new Int32Array(kept.length + gained.length);
    list.set(kept);
    list.set(gained, kept.length);
    if (list.length === 0) this.voxelLists.delete(label);
    else this.voxelLists.set(label, list.sort());
  }

  private indexAll(): void {
    const { labels } = this;
    const counts = new Uint32Array(65536);
    for (let i = 0; i < labels.length; i++) counts[labels[i] as number]!++;
    const filled = new Uint32Array(65536);
    for (let label = 1; label < counts.length; label++) {
      if (counts[label]) this.voxelLists.set(label, new Int32Array(counts[label] as number));
    }
    for (let i = 0; i < labels.length; i++) {
      const label = labels[i] as number;
      if (label !== 0) this.voxelLists.get(label)![filled[label]!++] = i;
    }
    this.reserve(this.voxelLists.keys());
  }
}
