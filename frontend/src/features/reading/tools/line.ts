/** A line drawn by hand on one slice of one pane. */

import type { Vec3 } from '../../../viewer/grid';
import type { Axis } from '../../../viewer/orientation';
import type { PaneId } from '../../../viewer/panes';
import { pathOf, strokeTwice } from './painting';
import type { Spot, ToolCanvas } from './tool';

/** Points nearer than this (voxels) to the last one add nothing. */
const NEAR = 0.25;

export class DrawnLine {
  readonly points: Vec3[] = [];
  readonly axis: Axis;
  readonly slice: number;
  readonly pane: PaneId;

  constructor({ axes, index, pane }: Spot) {
    this.axis = axes.across.axis;
    this.slice = Math.round(index[this.axis]);
    this.pane = pane;
    this.points.push(index);
  }

  add(spots: readonly Spot[]): void {
    for (const { index } of spots) {
      const last = this.points.at(-1) as Vec3;
      if (Math.hypot(index[0] - last[0], index[1] - last[1], index[2] - last[2]) >= NEAR) this.points.push(index);
    }
  }

  /** As the server takes it: continuous voxel indices of the two other axes, in x, y, z order. */
  get uv(): [number, number][] {
    const [u, v] = ([0, 1, 2] as const).filter((axis) => axis !== this.axis) as [Axis, Axis];
    return this.points.map((point) => [round(point[u]), round(point[v])]);
  }

  get axisName(): 'x' | 'y' | 'z' {
    return (['x', 'y', 'z'] as const)[this.axis];
  }

  /** Only on its own slice: elsewhere it says nothing. */
  paint({ context, view, slice }: ToolCanvas, colour: string, closed: boolean): void {
    if (view.axes.across.axis !== this.axis || slice !== this.slice) return;
    strokeTwice(context, pathOf(view, this.points, closed), colour);
  }
}

const round = (value: number): number => Math.round(value * 1000) / 1000;
