/** Every change of the label map goes through here: store, table, queue, clock. */

import type { Edit, LesionEdit, Version } from '../../api/types';
import type { Vec3 } from '../../viewer/grid';
import type { HistoryEntry, LabelStore } from '../../viewer/labelStore';
import { measureVoxels, summarise } from '../../viewer/measures';
import { decodePatch, encodePatch, isPatch, type Patch, patchFrom, touchedLabels, voxelsIn } from '../../viewer/patch';
import { deletePatch } from '../../viewer/strokes';
import type { Clock } from './clock/clock';
import type { PetImage } from './images';
import type { EditKind, QueuedEdit, SaveQueue } from './saveQueue';
import { type LesionRow, type ReadingState, rowFromServer } from './state';
import type { Store } from './store';
import { newUuid } from './uuid';

export interface Change {
  readonly patch: Patch;
  readonly tool: string;
  readonly parameters?: Record<string, unknown>;
  readonly lesions?: LesionEdit[];
  /** The lesion that is selected afterwards. */
  readonly select?: number | null;
  /** Says something of the whole read: stored though it changes no voxel and no lesion. */
  readonly statement?: boolean;
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

  commit({ patch, tool, parameters = {}, lesions = [], select, statement = false }: Change): void {
    if (patch.length === 0 && lesions.length === 0 && !statement) return;
    const before = lesions.map((one) => this.textsLike(one));
    this.remember(patch);
    this.keepVoxels(patch);
    this.labels.apply(patch, tool, { before, after: lesions });
    this.measure(touchedLabels(patch));
    this.describe(lesions);
    this.send('apply', patch, tool, parameters, lesions, before);
    this.show(select);
  }

  /** What is said of a lesion; null where there is none of this number. */
  textsOf(label: number): LesionEdit | null {
    return this.rows.has(label) ? this.textsLike({ label, name: '', site: '', comment: '', physiological_class: '', boundary_rule: '' }) : null;
  }

  undo(): void {
    const entry = this.labels.canUndo;
    if (entry === undefined) return;
    this.keepVoxels(entry.patch);
    const done = this.labels.undo();
    if (done === null) return;
    this.takeBack(entry, done.patch);
    const said = this.known([...this.rulesOf(done.patch), ...(entry.texts?.before ?? [])]);
    this.describe(said);
    this.send('undo', done.patch, 'undo', { undone: entry.tool }, said);
    this.show();
  }

  redo(): void {
    const entry = this.labels.canRedo;
    if (entry === undefined) return;
    this.remember(entry.patch);
    this.keepVoxels(entry.patch);
    const done = this.labels.redo();
    if (done === null) return;
    this.measure(touchedLabels(done.patch));
    const said = this.known([...this.rulesOf(done.patch), ...(entry.texts?.after ?? [])]);
    this.describe(said);
    this.send('redo', done.patch, 'redo', { redone: entry.tool }, said);
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
    // What comes back is tumour again.
    const lesions = this.rows.get(label)?.physiologicalClass ? [{ label, physiological_class: '' }] : [];
    this.commit({ patch, tool: 'restore', parameters: { label }, lesions, select: label });
    return true;
  }

  /**
   * Takes over what an earlier load of the page had drawn: pending edits and what can be undone.
   * Gives back the pending edits that do not fit: they were not drawn on this state and are not applied.
   */
  replay(pending: readonly QueuedEdit[], history: readonly QueuedEdit[]): QueuedEdit[] {
    const { undo, redo } = historyOf(history);
    for (const [n, { id, body }] of pending.entries()) {
      const patch = tryDecode(body.patch);
      try {
        if (patch === null || !isPatch(patch, this.labels.labels.length)) throw new Error('The edit cannot be read.');
        this.keepVoxels(patch);
        this.labels.replay(patch);
      } catch (error) {
        console.error('An edit kept in this browser does not fit and is set aside.', error);
        this.labels.restoreHistory([], []);
        this.show();
        return pending.slice(n);
      }
      this.measure(touchedLabels(patch));
      this.describe(body.lesions);
      this.tip = id;
    }
    this.labels.restoreHistory(undo, redo);
    this.show();
    return [];
  }

  /** The PET has come: lesions of edits that were replayed before it get their SUV. */
  remeasure(): void {
    const waiting = [...this.rows.values()].filter((row) => row.provisional && row.status !== 'deleted');
    if (waiting.length === 0) return;
    this.measure(new Set(waiting.map((row) => row.label)));
    this.show();
  }

  /** The server's measures replace ours, but for lesions that edits still on their way touch. */
  stored(version: Version, waiting: readonly Edit[]): void {
    const ahead = new Set<number>();
    for (const edit of waiting) {
      for (const label of touchedLabels(decodePatch(edit.patch))) ahead.add(label);
      for (const { label } of edit.lesions) ahead.add(label);
    }
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
    this.measure(touched);
    for (const label of touched) {
      const row = before?.get(label);
      if (row !== undefined && row.status !== 'deleted') this.rows.set(label, row);
    }
  }

  private measure(touched: ReadonlySet<number>): void {
    const image = this.image();
    for (const label of touched) {
      const known = this.rows.get(label);
      const voxels = this.labels.voxels(label);
      if (voxels.length === 0) {
        if (known) this.rows.set(label, { ...known, status: 'deleted' });
        continue;
      }
      const measures = measureVoxels(this.labels.grid, image?.hasSuv ? image.values : null, voxels);
      this.rows.set(label, {
        label,
        status: this.atStart.has(label) ? 'edited' : 'added',
        source: known?.source ?? 'reader',
        name: known?.name ?? '',
        site: known?.site ?? '',
        comment: known?.comment ?? '',
        physiologicalClass: known?.physiologicalClass ?? '',
        boundaryRule: known?.boundaryRule ?? '',
        ...measures,
        provisional: true,
      });
    }
  }

  /** Takes over what is said of lesions. */
  private describe(lesions: readonly LesionEdit[]): void {
    for (const said of lesions) {
      const row = this.rows.get(said.label);
      if (row === undefined) continue;
      this.rows.set(said.label, {
        ...row,
        name: said.name ?? row.name,
        site: said.site ?? row.site,
        comment: said.comment ?? row.comment,
        physiologicalClass: said.physiological_class ?? row.physiologicalClass,
        boundaryRule: said.boundary_rule ?? row.boundaryRule,
      });
    }
  }

  /** The present texts of a lesion, for those that are named. */
  private textsLike(said: LesionEdit): LesionEdit {
    const row = this.rows.get(said.label);
    return {
      label: said.label,
      ...(said.name === undefined ? {} : { name: row?.name ?? '' }),
      ...(said.site === undefined ? {} : { site: row?.site ?? '' }),
      ...(said.comment === undefined ? {} : { comment: row?.comment ?? '' }),
      ...(said.physiological_class === undefined ? {} : { physiological_class: row?.physiologicalClass ?? '' }),
      ...(said.boundary_rule === undefined ? {} : { boundary_rule: row?.boundaryRule ?? '' }),
    };
  }

  /** One entry a lesion, the later word counting; the server knows no others. */
  private known(lesions: readonly LesionEdit[]): LesionEdit[] {
    const byLabel = new Map<number, LesionEdit>();
    for (const one of lesions) if (this.rows.has(one.label)) byLabel.set(one.label, { ...byLabel.get(one.label), ...one });
    return [...byLabel.values()];
  }

  /** A lesion that was drawn here and taken back is of no interest to anyone; one called physiological is. */
  private isShown(row: LesionRow): boolean {
    return row.status !== 'deleted' || this.atStart.has(row.label) || row.physiologicalClass !== '';
  }

  private rulesOf(patch: Patch): LesionEdit[] {
    return [...touchedLabels(patch)].flatMap((label) => {
      const rule = this.rows.get(label)?.boundaryRule;
      return rule ? [{ label, boundary_rule: rule }] : [];
    });
  }

  private send(kind: EditKind, patch: Patch, tool: string, parameters: Record<string, unknown>, lesions: LesionEdit[], before?: LesionEdit[]): void {
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
    void this.queue.add(kind, edit, before);
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

/** What the edits of a chain leave to be undone and to be done again. One that cannot be read ends what lies before it. */
export function historyOf(edits: readonly QueuedEdit[]): { undo: HistoryEntry[]; redo: HistoryEntry[] } {
  const undo: HistoryEntry[] = [];
  const redo: HistoryEntry[] = [];
  for (const { kind, body, before } of edits) {
    const patch = tryDecode(body.patch);
    if (patch === null) {
      undo.length = redo.length = 0;
    } else if (kind === 'undo') redo.push(...undo.splice(-1));
    else if (kind === 'redo') undo.push(...redo.splice(-1));
    else {
      undo.push({ patch, tool: body.tool, ...(before ? { texts: { before, after: body.lesions } } : {}) });
      redo.length = 0;
    }
  }
  return { undo, redo };
}

function tryDecode(text: string): Patch | null {
  try {
    return decodePatch(text);
  } catch {
    return null;
  }
}
