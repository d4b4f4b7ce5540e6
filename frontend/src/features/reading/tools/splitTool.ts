/** Cuts a lesion at the watersheds between its peaks, or between points that the reader marks. */

import { formatNumber } from '../../../ui/format';
import { cssColour } from '../../../viewer/colours';
import type { Vec3 } from '../../../viewer/grid';
import { LesionTool, wholeOf } from './lesionTool';
import { between } from './options';
import { paintPoint } from './painting';
import { TOOL_TEXT } from './text';
import type { EditingTool, Spot, ToolCanvas } from './tool';

const STEP_PERCENT = 2;

export class SplitTool extends LesionTool implements EditingTool {
  readonly name = 'split';
  private seeds: Vec3[] = [];

  /** A click in the lesion marks a part; with two or more the marks decide, not the peaks. */
  override begin(at: Spot): void {
    const under = at.voxel ? this.bench.labels.at(this.bench.grid.flat(...at.voxel)) : 0;
    if (this.target === null || (under !== 0 && under !== this.target.label)) return this.aim(at);
    if (at.voxel === null || under === 0) return this.bench.say(TOOL_TEXT.split.markInside);
    this.seeds = [...this.seeds, at.voxel];
    this.ask();
  }

  step(notches: number): void {
    if (this.seeds.length < 2) this.bench.set({ splitPercent: between(this.bench.options.splitPercent + notches * STEP_PERCENT, 2, 90) });
  }

  back(): boolean {
    if (this.seeds.length === 0) return false;
    this.seeds = this.seeds.slice(0, -1);
    this.ask();
    return true;
  }

  paint(canvas: ToolCanvas): void {
    this.seeds.forEach((seed, n) => paintPoint(canvas, seed, cssColour(n + 1)));
  }

  protected override reset(): void {
    super.reset();
    this.seeds = [];
  }

  protected ask(): void {
    const { target, bench, seeds } = this;
    if (target === null) return;
    const { label } = target;
    const marked = seeds.length >= 2;
    const { splitPercent } = bench.options;
    const next = bench.labels.nextLabel();
    void this.answers.ask({
      method: 'split_watershed',
      parameters: {
        label,
        next_label: next,
        ...(marked ? { seeds_xyz: seeds.map((seed) => [...seed]) } : { h_fraction: splitPercent / 100 }),
      },
      look: {
        tool: 'split',
        title: TOOL_TEXT.split.title(label),
        rule: marked ? TOOL_TEXT.split.marked(seeds.length) : TOOL_TEXT.split.depth(splitPercent),
        at: target.at,
        pane: target.pane,
        stepHint: marked ? null : TOOL_TEXT.stepPercent,
      },
      outline: [wholeOf(bench, label)],
      facts: ({ raw }) => partsFact(raw),
      select: label,
    });
  }
}

/** How many parts the server made, where it says so. */
function partsFact(raw: Readonly<Record<string, unknown>>) {
  const parts = raw['parts'];
  const count = Array.isArray(parts) ? parts.length : typeof parts === 'number' ? parts : null;
  return count === null ? [] : [{ id: 'parts', value: formatNumber(count, 0), after: ` ${TOOL_TEXT.split.parts}` }];
}
