/** Brush and eraser strokes, from pointer down to the one edit at pointer up. */

import type { Vec3 } from '../../../viewer/grid';
import type { LabelStore } from '../../../viewer/labelStore';
import type { PlaneAxes } from '../../../viewer/orientation';
import { touchedLabels } from '../../../viewer/patch';
import { ballLineVoxels, eraseStroke, lineVoxels, paintStroke, touches } from '../../../viewer/strokes';
import type { Change } from '../editor';
import type { Region } from './tool';

/** A limit in SUV. The brush paints what lies above it, the eraser takes what does not. */
export interface Gate {
  readonly suv: Float32Array;
  readonly limit: number;
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface StrokeOptions {
  readonly radiusMm: number;
  readonly erases: boolean;
  /** A ball instead of a disc in the plane. */
  readonly ball: boolean;
  readonly gate: Gate | null;
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
    private readonly options: StrokeOptions,
    active: number | null,
  ) {
    this.last = start;
    const grid = labels.grid;
    const under = labels.at(grid.flat(Math.round(start[0]), Math.round(start[1]), Math.round(start[2])));
    // The lesion under the pointer is the one that is meant, then the selected one.
    this.label = under !== 0 ? under : active;
    this.add(start);
  }

  add(point: Vec3): Region {
    const { radiusMm, ball } = this.options;
    const line = ball ? ballLineVoxels : lineVoxels;
    for (const index of line(this.labels.grid, this.axes, this.last, point, radiusMm)) if (this.passes(index)) this.voxels.add(index);
    this.last = point;
    this.points += 1;
    if (this.options.erases) this.label = this.erased();
    return { voxels: this.shown(), label: this.shownLabel(), erases: this.options.erases };
  }

  /** The edit, or null when nothing changes. */
  finish(): Change | null {
    const { radiusMm, erases, ball, gate } = this.options;
    const common = {
      radius_mm: radiusMm,
      plane: this.axes.plane,
      shape: ball ? 'ball' : 'disc',
      points: this.points,
      ...(gate === null ? {} : { gate: { limit_suv: gate.limit, ...gate.parameters } }),
    };
    if (erases) {
      if (this.label === null) return null;
      const erased = eraseStroke(this.labels, this.voxels, this.label);
      if (erased === null) return null;
      return { patch: erased.patch, tool: 'erase', parameters: { ...common, label: erased.label }, select: erased.label };
    }
    const painted = paintStroke(this.labels, this.voxels, this.label);
    if (painted === null) return null;
    const fresh = [...touchedLabels(painted.patch)].filter((label) => this.labels.voxels(label).length === 0);
    const lesions = fresh.map((label) => ({ label, boundary_rule: gate === null ? 'brush' : `brush, SUV > ${gate.limit.toFixed(2)}` }));
    return { patch: painted.patch, tool: 'brush', parameters: { ...common, label: painted.label }, lesions, select: painted.label };
  }

  private passes(index: number): boolean {
    const { gate, erases } = this.options;
    return gate === null || (gate.suv[index] as number) > gate.limit !== erases;
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
    const wanted = this.options.erases ? this.label : 0;
    return new Set([...this.voxels].filter((index) => this.labels.at(index) === wanted));
  }

  private shownLabel(): number {
    const { label } = this;
    if (this.options.erases) return label ?? 1;
    return label !== null && touches(this.labels, this.voxels, label) ? label : this.labels.nextLabel();
  }
}
