/** What tools that work on one lesion share: which one is meant. */

import type { Vec3 } from '../../../viewer/grid';
import type { PaneId } from '../../../viewer/panes';
import { Answers } from './answers';
import { TOOL_TEXT } from './text';
import type { Bench, Region, Spot } from './tool';

export interface Target {
  readonly label: number;
  readonly at: Vec3 | null;
  readonly pane: PaneId | 'mip';
}

/** The lesion under the pointer, else the selected one; null, and says so, when there is none. */
export function targetAt(bench: Bench, spot: Spot | null): Target | null {
  const under = spot?.voxel ? bench.labels.at(bench.grid.flat(...spot.voxel)) : 0;
  const label = under !== 0 ? under : bench.selected;
  if (label === null || bench.labels.voxels(label).length === 0) {
    bench.say(TOOL_TEXT.noLesionHere);
    return null;
  }
  if (label !== bench.selected) bench.select(label);
  return { label, at: spot?.voxel ?? middleOf(bench, label), pane: spot?.pane ?? 'axialPet' };
}

/** A voxel in the middle of the list: somewhere in the lesion, for the card to keep clear of. */
export function middleOf(bench: Bench, label: number): Vec3 | null {
  const voxels = bench.labels.voxels(label);
  const index = voxels[voxels.length >> 1];
  return index === undefined ? null : bench.grid.unflat(index);
}

export const wholeOf = (bench: Bench, label: number): Region => ({ voxels: bench.labels.voxels(label), label, erases: false });

/** A tool that shows what the server proposes for one lesion. */
export abstract class LesionTool {
  protected target: Target | null = null;
  protected readonly answers: Answers;

  constructor(protected readonly bench: Bench) {
    this.answers = new Answers(bench);
  }

  enter(under: Spot | null): void {
    this.aim(under);
  }

  begin(at: Spot): void {
    this.aim(at);
  }

  refresh(): void {
    if (this.target !== null) this.ask();
  }

  accept(): void {
    const change = this.answers.take();
    if (change === null) return;
    this.reset();
    this.bench.commit(change);
  }

  cancel(): boolean {
    const any = this.target !== null;
    this.reset();
    this.answers.drop();
    return any;
  }

  protected aim(spot: Spot | null): void {
    this.cancel();
    this.target = targetAt(this.bench, spot);
    if (this.target !== null) this.ask();
  }

  /** Forgets what was pointed at. */
  protected reset(): void {
    this.target = null;
  }

  protected abstract ask(): void;
}
