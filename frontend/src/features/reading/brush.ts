/** Brush and eraser strokes, from pointer down to the one edit at pointer up. */

import type { Vec3 } from '../../viewer/grid';
import type { LabelStore } from '../../viewer/labelStore';
import type { PlaneAxes } from '../../viewer/orientation';
import { eraseStroke, lineVoxels, paintStroke, touches } from '../../viewer/strokes';
import type { Change } from './editor';

export interface StrokeDraft {
  readonly voxels: ReadonlySet<number>;
  readonly label: number;
  readonly erases: boolean;
}

export class Stroke {
  private readonly voxels = new Set<number>();
  private last: Vec3;
  private points = 0;
  private label: number | null;

  constructor(
    private readonly labels: LabelStore,
    private readonly axes: PlaneAxes,
    start: Vec3,
    private readonly radiusMm: number,
    private readonly erases: boolean,
    active: number | null,
  ) {
    this.last = start;
    const grid = labels.grid;
    const under = labels.at(grid.flat(Math.round(start[0]), Math.round(start[1]), Math.round(start[2])));
    // The lesion under the pointer is the one that is meant, then the selected one.
    this.label = under !== 0 ? under : active;
    this.add(start);
  }

  add(point: Vec3): StrokeDraft {
    const { grid } = this.labels;
    for (const index of lineVoxels(grid, this.axes, this.last, point, this.radiusMm)) this.voxels.add(index);
    this.last = point;
    this.points += 1;
    if (this.erases) this.label = this.erased();
    return { voxels: this.shown(), label: this.shownLabel(), erases: this.erases };
  }

  /** The edit, or null when nothing changes. */
  finish(): Change | null {
    const common = { radius_mm: this.radiusMm, plane: this.axes.plane, points: this.points };
    if (this.erases) {
      if (this.label === null) return null;
      const erased = eraseStroke(this.labels, this.voxels, this.label);
      if (erased === null) return null;
      return { patch: erased.patch, tool: 'erase', parameters: { ...common, label: erased.label }, select: erased.label };
    }
    const painted = paintStroke(this.labels, this.voxels, this.label);
    if (painted === null) return null;
    return { patch: painted.patch, tool: 'brush', parameters: { ...common, label: painted.label }, select: painted.label };
  }

  /** Erasing takes the first lesion the stroke meets, and no other. */
  private erased(): number | null {
    const holds = (label: number): boolean => {
      for (const index of this.voxels) if (this.labels.at(index) === label) return true;
      return false;
    };
    if (this.label !== null && holds(this.label)) return this.label;
    for (const index of this.voxels) {
      const label = this.labels.at(index);
      if (label !== 0) return label;
    }
    return this.label;
  }

  /** What will change: background for the brush, the one lesion for the eraser. */
  private shown(): ReadonlySet<number> {
    const wanted = this.erases ? this.label : 0;
    return new Set([...this.voxels].filter((index) => this.labels.at(index) === wanted));
  }

  private shownLabel(): number {
    const { label } = this;
    if (this.erases) return label ?? 1;
    return label !== null && touches(this.labels, this.voxels, label) ? label : this.labels.nextLabel();
  }
}
