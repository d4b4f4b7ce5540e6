/** A sphere of a chosen radius: more of the selected lesion, or a new one. */

import { sphereVoxels } from '../../../viewer/spheres';
import { paintStroke, touches } from '../../../viewer/strokes';
import type { Vec3 } from '../../../viewer/grid';
import type { Change } from '../editor';
import { formatMl, formatNumber } from '../../../ui/format';
import { paintCircle } from './painting';
import { resized, SPHERE_MM } from './options';
import { TOOL_TEXT } from './text';
import type { Bench, EditingTool, Spot, ToolCanvas } from './tool';

export class SphereTool implements EditingTool {
  readonly name = 'sphere';
  readonly keys = { d: () => this.bench.set({ sphereNew: !this.bench.options.sphereNew }) };
  private placed: { centre: Vec3; spot: Spot } | null = null;

  constructor(private readonly bench: Bench) {}

  enter(under: Spot | null): void {
    if (under?.voxel) this.place(under);
  }

  begin(at: Spot): void {
    this.place(at);
  }

  move(spots: readonly Spot[]): void {
    const last = spots.at(-1);
    if (this.placed !== null && last) this.place(last);
  }

  step(notches: number): void {
    this.bench.set({ sphereRadiusMm: resized(this.bench.options.sphereRadiusMm, notches, SPHERE_MM) });
  }

  resize(steps: number): void {
    this.step(steps);
  }

  refresh(): void {
    if (this.placed !== null) this.preview();
  }

  accept(): void {
    const change = this.change();
    if (change === null) return;
    this.placed = null;
    this.bench.commit(change);
  }

  cancel(): boolean {
    const any = this.placed !== null;
    this.placed = null;
    this.bench.show(null);
    return any;
  }

  paint(canvas: ToolCanvas): void {
    if (this.placed === null && canvas.pointer !== null) paintCircle(canvas, canvas.pointer, this.bench.options.sphereRadiusMm);
  }

  /** Between two voxels is a place, too; a sphere stands on a voxel so that it is the same on both sides. */
  private place(spot: Spot): void {
    if (spot.voxel === null) return;
    this.placed = { centre: spot.voxel, spot };
    this.preview();
  }

  private free(): number[] {
    const { labels, options } = this.bench;
    if (this.placed === null) return [];
    return sphereVoxels(this.bench.grid, this.placed.centre, options.sphereRadiusMm).filter((index) => labels.at(index) === 0);
  }

  /** The lesion it belongs to; null for one of its own. */
  private target(free: readonly number[]): number | null {
    const { labels, options, selected } = this.bench;
    if (options.sphereNew || this.placed === null) return null;
    const under = labels.at(this.bench.grid.flat(...this.placed.centre));
    const wanted = under !== 0 ? under : selected;
    return wanted !== null && touches(labels, free, wanted) ? wanted : null;
  }

  private preview(): void {
    if (this.placed === null) return;
    const { labels, grid, options } = this.bench;
    const free = this.free();
    const target = this.target(free);
    this.bench.show({
      tool: 'sphere',
      title: target === null ? TOOL_TEXT.sphere.newLesion : TOOL_TEXT.sphere.addTo(target),
      rule: TOOL_TEXT.radius(formatNumber(options.sphereRadiusMm, 1)),
      regions: [{ voxels: free, label: target ?? labels.nextLabel(), erases: false }],
      facts: [{ id: 'volume', value: formatMl(free.length * grid.voxelVolumeMl), after: ' mL' }],
      warnings: [],
      problem: free.length === 0 ? TOOL_TEXT.allTaken : null,
      busy: false,
      at: this.placed.centre,
      pane: this.placed.spot.pane,
      stepHint: TOOL_TEXT.stepRadius,
    });
  }

  private change(): Change | null {
    const free = this.free();
    if (this.placed === null || free.length === 0) return null;
    const target = this.target(free);
    const painted = paintStroke(this.bench.labels, free, target);
    if (painted === null) return null;
    return {
      patch: painted.patch,
      tool: 'sphere',
      parameters: { centre_index_xyz: [...this.placed.centre], radius_mm: this.bench.options.sphereRadiusMm, label: painted.label },
      ...(target === null ? { lesions: [{ label: painted.label, boundary_rule: TOOL_TEXT.sphere.rule }] } : {}),
      select: painted.label,
    };
  }
}
