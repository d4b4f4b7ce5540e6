/** Another version beside the one that is edited. Nothing is changed; editing goes on. */

import { fetchComparisons } from '../../../api/endpoints/comparisons';
import { messageOf } from '../../../api/errors';
import type { Comparison } from '../../../api/types';
import { LabelStore } from '../../../viewer/labelStore';
import { BOTH, BOTH_COLOUR, ComparisonLayer, type ComparisonView, HERE, HERE_COLOUR, THERE, THERE_COLOUR } from '../../../viewer/render/layers';
import { latest } from '../guided/latest';
import { fetchLabels } from '../images';
import type { ReadingSession } from '../session';
import { Store } from '../store';
import { compareLabels, type Difference, type LesionChange, splitVoxels } from './comparison';
import { ProjectedLayer, ProjectedOutlines } from './mipLayers';
import { COMPARE_TEXT } from './text';

export interface CompareState {
  readonly open: boolean;
  readonly choices: readonly Comparison[];
  readonly chosen: Comparison | null;
  readonly view: ComparisonView;
  readonly loading: boolean;
  readonly difference: Difference | null;
  readonly problem: string | null;
}

const CLOSED: CompareState = { open: false, choices: [], chosen: null, view: 'outlines', loading: false, difference: null, problem: null };

export class Compare {
  readonly state = new Store<CompareState>(CLOSED);
  private there: LabelStore | null = null;
  private layer: ComparisonLayer | null = null;
  private mipLayer: ProjectedLayer | null = null;
  private readonly asking = latest();
  private unsubscribe: (() => void) | null = null;
  private frame = 0;

  constructor(private readonly session: ReadingSession) {}

  toggle(): void {
    if (this.state.get().open) this.close();
    else void this.begin();
  }

  /** Asks what there is to compare with, and begins with what the read started from. */
  async begin(): Promise<void> {
    const { session } = this;
    if (session.editor === null) return;
    this.state.set({ ...CLOSED, open: true, loading: true, view: this.state.get().view });
    try {
      // Edits on their way become versions to choose from; offline the stored ones are enough.
      if (session.state.get().save.kind === 'saving') await session.queue.drained().catch(() => undefined);
      const choices = await this.asking.run((signal) => fetchComparisons(session.read.id, signal));
      if (choices === null) return;
      this.state.set({ choices, loading: false });
      const first = choices.find((one) => one.kind === 'start') ?? choices[0];
      if (first === undefined) this.state.set({ problem: COMPARE_TEXT.none });
      else await this.choose(first.version);
    } catch (error) {
      this.state.set({ loading: false, problem: messageOf(error) });
    }
  }

  async choose(version: string): Promise<void> {
    const { editor } = this.session;
    const chosen = this.state.get().choices.find((one) => one.version === version) ?? null;
    if (editor === null || chosen === null) return;
    this.state.set({ chosen, loading: true, problem: null, difference: null });
    try {
      const { grid } = editor.labels;
      const labels = await this.asking.run((signal) => fetchLabels(version, grid, signal));
      if (labels === null) return;
      this.there = new LabelStore(grid, labels);
      this.unsubscribe ??= editor.labels.subscribe(() => this.changedSoon());
      this.state.set({ loading: false });
      this.show();
    } catch (error) {
      this.state.set({ loading: false, problem: messageOf(error) });
    }
  }

  setView(view: ComparisonView): void {
    this.state.set({ view });
    this.show();
  }

  /** All planes to the lesion, where it is or where it was. */
  look({ label, kind }: LesionChange): void {
    const { editor } = this.session;
    if (kind !== 'lost') return this.session.select(label);
    const voxels = this.there?.voxels(label);
    const middle = voxels?.[voxels.length >> 1];
    if (editor !== null && middle !== undefined) this.session.moveCursor(editor.labels.grid.unflat(middle));
  }

  close(): void {
    this.destroy();
    this.there = null;
    this.state.set({ ...CLOSED, view: this.state.get().view });
    this.show();
  }

  destroy(): void {
    this.asking.forget();
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.unsubscribe?.();
    this.unsubscribe = null;
  }

  private show(): void {
    const { planes, mipPane, editor } = this.session;
    const { there } = this;
    if (there === null || editor === null) {
      this.layer = this.mipLayer = null;
      planes?.setLayer('comparison', null);
      mipPane?.setLayer('comparison', null);
      return;
    }
    const { view } = this.state.get();
    this.layer = new ComparisonLayer(editor.labels.labels, there.labels, view);
    planes?.setLayer('comparison', this.layer);
    this.mipLayer = view === 'difference' ? new ProjectedLayer(() => this.lists(), differenceColour, true, 215) : null;
    mipPane?.setLayer('comparison', this.mipLayer ?? new ProjectedOutlines(there.present.map((label) => [label, there.voxels(label)]), THERE_COLOUR));
    this.count();
  }

  /** The labels changed: counted after the edit has been painted, never in its way. */
  private changedSoon(): void {
    this.layer?.changed();
    this.mipLayer?.changed();
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.count();
    });
  }

  private count(): void {
    const { editor } = this.session;
    const { chosen } = this.state.get();
    if (this.there === null || editor === null || chosen === null) return;
    const { labels } = editor;
    const by = chosen.kind === 'reference' ? 'overlap' : 'number';
    this.state.set({ difference: compareLabels(labels, this.there, labels.grid.voxelVolumeMl, by) });
  }

  private lists(): [number, Int32Array][] {
    const { editor } = this.session;
    if (this.there === null || editor === null) return [];
    const voxels = splitVoxels(editor.labels, this.there);
    return [
      [BOTH, voxels.both],
      [THERE, voxels.there],
      [HERE, voxels.here],
    ];
  }
}

const RGB: Readonly<Record<number, readonly [number, number, number]>> = {
  [BOTH]: rgbOf(BOTH_COLOUR),
  [THERE]: rgbOf(THERE_COLOUR),
  [HERE]: rgbOf(HERE_COLOUR),
};

const differenceColour = (kind: number): readonly [number, number, number] => RGB[kind] ?? [0, 0, 0];

/** "#rrggbb" as numbers. */
function rgbOf(hex: string): readonly [number, number, number] {
  const value = Number.parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}
