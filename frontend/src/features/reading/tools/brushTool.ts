/** Brush and eraser: a disc in the plane or a ball, everything or only what a SUV limit lets through. */

import { climbToMaximum } from '../../../viewer/regionGrowing';
import { paintCircle, paintRegion } from './painting';
import { BRUSH_MM, resized } from './options';
import { type Gate, Stroke } from './stroke';
import type { Bench, EditingTool, Region, Spot, ToolCanvas } from './tool';
import { TOOL_TEXT } from './text';

export class BrushTool implements EditingTool {
  readonly keys = {
    d: () => this.bench.set({ brush3d: !this.bench.options.brush3d }),
    j: () => this.nextGate(),
  };
  private stroke: Stroke | null = null;
  private drawn: Region | null = null;

  constructor(
    readonly name: 'brush' | 'erase',
    private readonly bench: Bench,
  ) {}

  begin(at: Spot): void {
    if (at.voxel === null) return;
    const gate = this.gateAt(at);
    if (gate === undefined) return;
    const { brushRadiusMm: radiusMm, brush3d: ball } = this.bench.options;
    const { labels, selected } = this.bench;
    this.stroke = new Stroke(labels, at.axes, at.index, { radiusMm, erases: this.name === 'erase', ball, gate }, selected);
    this.move([at]);
  }

  move(spots: readonly Spot[]): void {
    // Points between two frames belong to the stroke too.
    for (const { index } of spots) this.drawn = this.stroke?.add(index) ?? null;
    this.bench.repaint();
  }

  end(): void {
    const change = this.stroke?.finish() ?? null;
    this.cancel();
    if (change !== null) this.bench.commit(change);
  }

  /** The size follows the brackets and Ctrl + wheel. */
  step(notches: number): void {
    this.bench.set({ brushRadiusMm: resized(this.bench.options.brushRadiusMm, notches, BRUSH_MM) });
  }

  resize(steps: number): void {
    this.step(steps);
  }

  cancel(): boolean {
    const any = this.stroke !== null;
    this.stroke = this.drawn = null;
    this.bench.repaint();
    return any;
  }

  paint(canvas: ToolCanvas): void {
    if (this.drawn !== null) paintRegion(canvas, this.drawn);
    if (canvas.pointer !== null) paintCircle(canvas, canvas.pointer, this.bench.options.brushRadiusMm);
  }

  private nextGate(): void {
    const { gate } = this.bench.options;
    this.bench.set({ gate: gate === 'off' ? 'fixed' : gate === 'fixed' ? 'percent' : 'off' });
  }

  /** Undefined, and says so, where there is no SUV to compare with. */
  private gateAt({ voxel }: Spot): Gate | null | undefined {
    const { options, image } = this.bench;
    if (options.gate === 'off' || voxel === null) return null;
    if (!image.hasSuv) {
      this.bench.say(TOOL_TEXT.gateNeedsSuv);
      return undefined;
    }
    if (options.gate === 'fixed') return { suv: image.values, limit: options.gateSuv, parameters: { rule: 'fixed' } };
    const top = climbToMaximum(image.values, image.grid, voxel);
    const parameters = { rule: 'percent_of_maximum', percent: options.gatePercent, maximum_suv: top.suv, maximum_index_xyz: [...top.index] };
    return { suv: image.values, limit: (top.suv * options.gatePercent) / 100, parameters };
  }
}
