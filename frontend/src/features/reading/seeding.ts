/** Adding a lesion from one point: a region that follows the threshold until it is accepted. */

import type { Vec3 } from '../../viewer/grid';
import type { LabelStore } from '../../viewer/labelStore';
import { CLIMB_RADIUS_MM, climbToMaximum, type LocalMaximum } from '../../viewer/regionGrowing';
import { fillPatch } from '../../viewer/strokes';
import type { Change } from './editor';
import type { PetImage } from './images';
import type { Preview, ReadingState } from './state';
import type { Store } from './store';
import { TEXT } from './text';

const PERCENT_STEP = 1;
const SUV_STEP = 0.1;

export class SeedTool {
  private top: LocalMaximum | null = null;

  constructor(
    private readonly state: Store<ReadingState>,
    private readonly labels: LabelStore,
    private readonly image: PetImage,
  ) {}

  /** Starts a preview at a voxel. Says why when there can be none. */
  start(seed: Vec3): void {
    if (!this.image.hasSuv) return this.state.set({ message: TEXT.thresholdsOff });
    const taken = this.labels.at(this.image.grid.flat(...seed));
    if (taken !== 0) return this.state.set({ message: TEXT.alreadyLesion(taken), selected: taken });
    this.top = climbToMaximum(this.image.values, this.image.grid, seed);
    this.grow(seed);
  }

  /** One notch of Ctrl + wheel: up raises the threshold. */
  step(notches: number): void {
    const { preview, method, percent, fixedSuv } = this.state.get();
    if (preview === null) return;
    if (method === 'percent') this.state.set({ percent: between(percent + notches * PERCENT_STEP, 1, 99) });
    else this.state.set({ fixedSuv: Math.round(between(fixedSuv + notches * SUV_STEP, 0.1, 200) * 10) / 10 });
    this.grow(preview.seed);
  }

  /** The method or its number was changed in the panel. */
  refresh(): void {
    const { preview } = this.state.get();
    if (preview !== null) this.grow(preview.seed);
  }

  cancel(): void {
    this.top = null;
    this.state.set({ preview: null });
  }

  /** The edit that adds the region; null while there is none. */
  accept(): Change | null {
    const { preview, stopRadiusMm } = this.state.get();
    if (preview === null || preview.voxels.length === 0 || this.top === null) return null;
    const { label, method, percent, thresholdSuv, voxels, seed } = preview;
    const rule = method === 'percent' ? `${percent} % of ${this.top.suv.toFixed(2)}` : 'fixed';
    return {
      patch: fillPatch(this.labels, voxels, label),
      tool: 'add_seed',
      parameters: {
        method: method === 'percent' ? 'percent_of_maximum' : 'fixed',
        threshold_suv: thresholdSuv,
        ...(method === 'percent' ? { percent, maximum_suv: this.top.suv, climb_radius_mm: CLIMB_RADIUS_MM } : {}),
        seed_index_xyz: [...seed],
        maximum_index_xyz: [...this.top.index],
        stop_radius_mm: stopRadiusMm,
        connectivity: 26,
      },
      lesions: [{ label, boundary_rule: `SUV > ${thresholdSuv.toFixed(2)} (${rule})` }],
      select: label,
    };
  }

  private grow(seed: Vec3): void {
    const { method, percent, fixedSuv, stopRadiusMm } = this.state.get();
    const { grid, values, grower } = this.image;
    const top = this.top;
    if (top === null) return;
    const thresholdSuv = method === 'percent' ? (top.suv * percent) / 100 : fixedSuv;
    // Always from the local maximum: pointing near a lesion is enough.
    const from = top.index;
    const { voxels, stopped } = grower.grow(from, thresholdSuv, { stopRadiusMm, blocked: this.labels.labels });
    let regionMax: number | null = null;
    for (const index of voxels) regionMax = Math.max(regionMax ?? -Infinity, values[index] as number);
    const preview: Preview = {
      seed,
      method,
      thresholdSuv,
      percent: method === 'percent' ? percent : null,
      maximumSuv: top.suv,
      voxels,
      label: this.labels.nextLabel(),
      volumeMl: voxels.length * grid.voxelVolumeMl,
      regionMax,
      stopped,
      problem: voxels.length > 0 ? null : this.problem(from),
    };
    this.state.set({ preview });
  }

  private problem(from: Vec3): string {
    const taken = this.labels.at(this.image.grid.flat(...from));
    return taken !== 0 ? TEXT.blockedByLesion(taken) : TEXT.nothingAbove;
  }
}

const between = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));
