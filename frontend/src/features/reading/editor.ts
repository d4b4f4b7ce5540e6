/** Every change of the label map goes through here: store, table, queue, clock. */

import type { Edit, LesionEdit, Version } from '../../api/types';
import type { Vec3 } from '../../viewer/grid';
import type { HistoryEntry, LabelStore } from '../../viewer/labelStore';
import { measureVoxels, summarise } from '../../viewer/measures';
import { decodePatch, encodePatch, type Patch, patchFrom, touchedLabels, voxelsIn } from '../../viewer/patch';
import { deletePatch } from '../../viewer/strokes';
import type { Clock } from './clock/clock';
import type { PetImage } from './images';
import type { EditKind, QueuedEdit, SaveQueue } from './saveQueue';
import { type LesionRow, type ReadingState, rowFromServer } from './state';
import type { Store } from './store';
import { TEXT } from './text';
import { newUuid } from './uuid';

export interface Change {
  readonly patch: Patch;
  readonly tool: string;
  readonly parameters?: Record<string, unknown>;
  readonly lesions?: LesionEdit[];
  /** The lesion that is selected afterwards. */
  readonly select?: number | null;
}

export class Editor {
  private readonly rows = new Map<number, LesionRow>();
  private readonly rowsBefore = new Map<Patch, ReadonlyMap<number, LesionRow | undefined>>();
  /** The voxels a lesion had before it was deleted: what restoring gives back. */
  private readonly lastVoxels = new Map<number, Int32Array>();
  private tip: string;

  constructor(
    private readonly state: Store<ReadingState>,
    readonly labels: LabelStore,
    private readonly image: () => PetImage | null,
    private readonly queue: SaveQueue,
    private readonly clock: Clock,
    head: Version,
    private readonly gridDigest: string,
    /** Lesions of the read's first version. */
    private readonly atStart: ReadonlySet<number>,
  ) {
    this.tip = head.id;
    for (const lesion of head.lesions) this.rows.set(lesion.label, rowFromServer(lesion));
    labels.reserve(this.rows.keys());
    labels.reserve([head.next_label - 1]);
    this.show();
  }

  /** The newest state of this browser, stored or not. */
  get head(): string {
    return this.tip;
  }

  commit({ patch, tool, parameters = {}, lesions = [], select }: Change): void {
    if (patch.length === 0) return;
    this.remember(patch);
    this.keepVoxels(patch);
    this.labels.apply(patch, tool);
    this.measure(touchedLabels(patch), lesions);
    this.send('apply', patch, tool, parameters, lesions);
    this.show(select);
  }

  undo(): void {
    const entry = this.labels.canUndo;
    if (entry === undefined) return;
    this.keepVoxels(entry.patch);
    const done = this.labels.undo();
    if (done === null) return;
    this.takeBack(entry, done.patch);
    this.send('undo', done.patch, 'undo', { undone: entry.tool }, this.rulesOf(done.patch));
    this.show();
  }

  redo(): void {
    const entry = this.labels.canRedo;
    if (entry === undefined) return;
    this.remember(entry.patch);
    this.keepVoxels(entry.patch);
    const done = this.labels.redo();
    if (done === null) return;
    this.measure(touchedLabels(done.patch), []);
    this.send('redo', done.patch, 'redo', { redone: entry.tool }, this.rulesOf(done.patch));
    this.show();
  }

  deleteLesion(label: number): void {
    const patch = deletePatch(this.labels, label);
    const selected = this.state.get().selected;
    this.commit({ patch, tool: 'delete', parameters: { label }, select: selected === label ? null : selected });
  }

  /** The last voxels of a deleted lesion, where this page has seen it go. */
  lastVoxelsOf(label: number): Int32Array | null {
    return this.lastVoxels.get(label) ?? null;
  }

  /** Gives a deleted lesion its number and its voxels back, where they are still free. */
  restoreLesion(label: number, voxels: Int32Array): boolean {
    const patch = patchFrom(this.labels.labels, voxels, (index) => this.labels.at(index) || label);
    if (patch.length === 0) return false;
    this.commit({ patch, tool: 'restore', parameters: { label }, select: label });
    return true;
  }

  /** Takes over what an earlier load of the page had drawn: pending edits and what can be undone. */
  replay(pending: readonly QueuedEdit[], history: readonly QueuedEdit[]): void {
    const waiting = new Set(pending.map((edit) => edit.id));
    const undo: HistoryEntry[] = [];
    const redo: HistoryEntry[] = [];
    for (const { id, kind, body } of history) {
      const patch = decodePatch(body.patch);
      if (waiting.has(id)) {
        this.keepVoxels(patch);
        this.labels.replay(patch);
        this.measure(touchedLabels(patch), body.lesions);
        this.tip = id;
      }
      if (kind === 'undo') redo.push(...undo.splice(-1));
      else if (kind === 'redo') undo.push(...redo.splice(-1));
      else {
        undo.push({ patch, tool: body.tool });
        redo.length = 0;
      }
    }
    this.labels.restoreHistory(undo, redo);
    this.show();
  }

  /** The PET has come: lesions of edits that were replayed before it get their SUV. */
  remeasure(): void {
    const waiting = [...this.rows.values()].filter((row) => row.provisional && row.status !== 'deleted');
    if (waiting.length === 0) return;
    this.measure(new Set(waiting.map((row) => row.label)), []);
    this.show();
  }

  /** The server's measures replace ours, but for lesions that edits still on their way touch. */
  stored(version: Version, waiting: readonly Edit[]): void {
    const ahead = new Set<number>();
    for (const edit of waiting) for (const label of touchedLabels(decodePatch(edit.patch))) ahead.add(label);
    for (const lesion of version.lesions) {
      if (!ahead.has(lesion.label)) this.rows.set(lesion.label, rowFromServer(lesion));
    }
    this.labels.reserve(version.lesions.map((lesion) => lesion.label));
    this.show();
  }

  private keepVoxels(patch: Patch): void {
    for (const label of touchedLabels(patch)) {
      const voxels = this.labels.voxels(label);
      if (voxels.length > 0) this.lastVoxels.set(label, voxels);
    }
  }

  private remember(patch: Patch): void {
    const before = new Map<number, LesionRow | undefined>();
    for (const label of touchedLabels(patch)) before.set(label, this.rows.get(label));
    this.rowsBefore.set(patch, before);
  }

  private takeBack(entry: HistoryEntry, inverse: Patch): void {
    const before = this.rowsBefore.get(entry.patch);
    const touched = touchedLabels(inverse);
    this.measure(touched, []);
    for (const label of touched) {
      const row = before?.get(label);
      if (row !== undefined && row.status !== 'deleted') this.rows.set(label, row);
    }
  }

  private measure(touched: ReadonlySet<number>, lesions: readonly LesionEdit[]): void {
    const image = this.image();
    for (const label of touched) {
      const known = this.rows.get(label);
      const voxels = this.labels.voxels(label);
      if (voxels.length === 0) {
        if (known) this.rows.set(label, { ...known, status: 'deleted' });
        continue;
      }
      const measures = measureVoxels(this.labels.grid, image?.hasSuv ? image.values : null, voxels);
      const rule = lesions.find((one) => one.label === label)?.boundary_rule;
      this.rows.set(label, {
        label,
        status: this.atStart.has(label) ? 'edited' : 'added',
        source: known?.source ?? 'reader',
        site: known?.site ?? '',
        boundaryRule: rule ?? (known === undefined ? TEXT.tools.brush : known.boundaryRule),
        ...measures,
        provisional: true,
      });
    }
  }

  /** A lesion that was drawn here and taken back is of no interest to anyone. */
  private isShown(row: LesionRow): boolean {
    return row.status !== 'deleted' || this.atStart.has(row.label);
  }

  private rulesOf(patch: Patch): LesionEdit[] {
    return [...touchedLabels(patch)].flatMap((label) => {
      const rule = this.rows.get(label)?.boundaryRule;
      return rule ? [{ label, boundary_rule: rule }] : [];
    });
  }

  private send(kind: EditKind, patch: Patch, tool: string, parameters: Record<string, unknown>, lesions: LesionEdit[]): void {
    const id = newUuid();
    const edit: Edit = {
      id,
      parent: this.tip,
      tool,
      parameters,
      grid_digest: this.gridDigest,
      patch: encodePatch(patch),
      lesions,
    };
    this.tip = id;
    this.clock.record('edit', { tool, version: id, lesions: [...touchedLabels(patch)], voxels: voxelsIn(patch) });
    void this.queue.add(kind, edit);
  }

  private show(select: number | null = this.state.get().selected): void {
    const rows = [...this.rows.values()].sort((a, b) => a.label - b.label).filter((row) => this.isShown(row));
    const here = rows.filter((row) => row.status !== 'deleted');
    this.state.set({
      rows,
      summary: summarise(here),
      selected: select !== null && this.rows.has(select) ? select : null,
      undoTool: this.labels.canUndo?.tool ?? null,
      redoTool: this.labels.canRedo?.tool ?? null,
    });
  }
}


/** Where a lesion is looked at: its hottest voxel, or its middle without SUV. */
export const placeOf = (row: LesionRow): Vec3 | null => row.maxMm ?? row.centroidMm;
