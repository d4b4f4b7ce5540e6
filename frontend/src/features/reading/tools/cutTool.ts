/** Cuts a lesion along a line drawn across it on a slice, through the slices. */

import { formatNumber } from '../../../ui/format';
import { LesionTool, wholeOf } from './lesionTool';
import { DrawnLine } from './line';
import { between } from './options';
import { TOOL_TEXT } from './text';
import type { Bench, EditingTool, Spot, ToolCanvas } from './tool';

const DEPTH_STEP_MM = 2;
const DEEPEST_MM = 60;
export const CUT_COLOUR = '#ffffff';

export class CutTool extends LesionTool implements EditingTool {
  readonly name = 'cut';
  private line: DrawnLine | null = null;

  /** The pointer does not choose here: the line does. */
  override enter(): void {
    this.cancel();
  }

  override begin(at: Spot): void {
    this.cancel();
    if (at.voxel !== null) this.line = new DrawnLine(at);
  }

  move(spots: readonly Spot[]): void {
    this.line?.add(spots);
    this.bench.repaint();
  }

  end(): void {
    const { line, bench } = this;
    if (line === null) return;
    const label = line.points.length < 2 ? null : (lesionCrossed(bench, line) ?? bench.selected);
    if (label === null || bench.labels.voxels(label).length === 0) {
      bench.say(TOOL_TEXT.cut.missed);
      this.cancel();
      return;
    }
    if (label !== bench.selected) bench.select(label);
    this.target = { label, at: roundOf(line), pane: line.pane };
    this.ask();
  }

  /** How far the cut goes through the slices; beyond the last step: all the way. */
  step(notches: number): void {
    const { cutDepthMm } = this.bench.options;
    const next = (cutDepthMm ?? DEEPEST_MM + DEPTH_STEP_MM) + notches * DEPTH_STEP_MM;
    this.bench.set({ cutDepthMm: next > DEEPEST_MM ? null : between(next, DEPTH_STEP_MM, DEEPEST_MM) });
  }

  back(): boolean {
    return this.cancel();
  }

  override cancel(): boolean {
    const any = this.line !== null;
    super.cancel();
    this.bench.repaint();
    return any;
  }

  paint(canvas: ToolCanvas): void {
    this.line?.paint(canvas, CUT_COLOUR, false);
  }

  protected override reset(): void {
    super.reset();
    this.line = null;
  }

  protected ask(): void {
    const { target, line, bench } = this;
    if (target === null || line === null) return;
    const { cutDepthMm } = bench.options;
    void this.answers.ask({
      method: 'cut',
      parameters: { label: target.label, ...cutParameters(line, cutDepthMm), next_label: bench.labels.nextLabel() },
      look: {
        tool: 'cut',
        title: TOOL_TEXT.cut.title(target.label),
        rule: cutDepthMm === null ? TOOL_TEXT.cut.through : TOOL_TEXT.cut.depth(formatNumber(cutDepthMm, 0)),
        at: target.at,
        pane: target.pane,
        stepHint: TOOL_TEXT.stepDepth,
      },
      outline: [wholeOf(bench, target.label)],
      select: target.label,
    });
  }
}

export function cutParameters(line: DrawnLine, depthMm: number | null) {
  return { axis: line.axisName, index: line.slice, points: line.uv, ...(depthMm === null ? {} : { depth_mm: depthMm }) };
}

/** The lesion most of the line's points lie in. */
export function lesionCrossed({ labels, grid }: Pick<Bench, 'labels' | 'grid'>, line: DrawnLine): number | null {
  const counts = new Map<number, number>();
  for (const [x, y, z] of line.points) {
    const voxel = [Math.round(x), Math.round(y), Math.round(z)] as const;
    const label = grid.contains(voxel) ? labels.at(grid.flat(...voxel)) : 0;
    if (label !== 0) counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  const [best] = [...counts].sort((a, b) => b[1] - a[1]);
  return best?.[0] ?? null;
}

function roundOf(line: DrawnLine) {
  const middle = line.points[line.points.length >> 1];
  return middle === undefined ? null : ([Math.round(middle[0]), Math.round(middle[1]), Math.round(middle[2])] as const);
}
