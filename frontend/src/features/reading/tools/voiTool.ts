/** A volume of interest from boxes, spheres and drawn planes, and FLAB or a threshold in it. */

import { formatNumber } from '../../../ui/format';
import type { Vec3 } from '../../../viewer/grid';
import { following, voiMethods } from './allowed';
import { Answers, usualFacts } from './answers';
import { DrawnLine } from './line';
import { between, type ToolOptions, type VoiShape } from './options';
import { strokeMask } from './painting';
import type { Report } from './proposals';
import { TOOL_TEXT } from './text';
import type { Bench, EditingTool, Spot, ToolCanvas } from './tool';
import { boxFrom, type PlanesShape, shapeJson, shapeOnView, type VoiShapeJson } from './voiShapes';

interface Placed {
  readonly shape: VoiShapeJson;
  readonly subtracts: boolean;
}

type Drawing =
  | { readonly kind: 'box' | 'sphere'; readonly start: Spot; readonly subtracts: boolean }
  | { readonly kind: 'planes'; readonly line: DrawnLine; readonly subtracts: boolean };

const ADDED = '#4db6ff';
const TAKEN = '#ff6b5e';
const STEP_MM = 2;
const SMALLEST_MM = 2;

export class VoiTool implements EditingTool {
  readonly name = 'voi';
  readonly keys = {
    d: () => this.nextShape(),
    z: () => this.bench.set({ voiSubtract: !this.bench.options.voiSubtract }),
    j: () => this.nextMethod(),
  };
  private placed: Placed[] = [];
  private drawing: Drawing | null = null;
  private live: VoiShapeJson | null = null;
  private last: Spot | null = null;
  private readonly answers: Answers;

  constructor(private readonly bench: Bench) {
    this.answers = new Answers(bench);
  }

  /** Of the last answer: initial and final class values, for the panel. */
  get report(): Report | null {
    return this.answers.report;
  }

  get shapes(): number {
    return this.placed.length;
  }

  begin(at: Spot): void {
    const { voiShape, voiSubtract } = this.bench.options;
    const subtracts = voiSubtract !== at.shift;
    this.last = at;
    this.drawing = voiShape === 'planes' ? { kind: 'planes', line: new DrawnLine(at), subtracts } : { kind: voiShape, start: at, subtracts };
    this.live = null;
  }

  move(spots: readonly Spot[]): void {
    const { drawing } = this;
    const last = spots.at(-1);
    if (drawing === null || last === undefined) return;
    if (drawing.kind === 'planes') drawing.line.add(spots);
    else this.live = this.dragged(drawing.kind, drawing.start, last);
    this.bench.repaint();
  }

  end(): void {
    const { drawing, live } = this;
    this.drawing = this.live = null;
    if (drawing === null) return;
    if (drawing.kind === 'planes') this.addPolygon(drawing.line, drawing.subtracts);
    else {
      const sphere = drawing.kind === 'sphere' && live === null ? this.dragged('sphere', drawing.start, null) : live;
      if (sphere !== null) this.placed = [...this.placed, { shape: sphere, subtracts: drawing.subtracts }];
    }
    this.ask();
  }

  /** The depth of the last box, or the radius of the last sphere. */
  step(notches: number): void {
    const last = this.placed.at(-1);
    if (last === undefined) return;
    const { shape } = last;
    const next = shape.kind === 'box' ? this.deepened(shape, notches) : shape.kind === 'sphere' ? { ...shape, radius_mm: between(shape.radius_mm + notches * STEP_MM, SMALLEST_MM, 200) } : shape;
    this.placed = [...this.placed.slice(0, -1), { ...last, shape: next }];
    this.ask();
  }

  resize(steps: number): void {
    this.step(steps);
  }

  refresh(): void {
    if (this.placed.length > 0) this.ask();
  }

  back(): boolean {
    const last = this.placed.at(-1);
    if (last === undefined) return false;
    const { shape } = last;
    const fewer = shape.kind === 'planes' && shape.polygons.length > 1 ? [{ ...last, shape: { ...shape, polygons: shape.polygons.slice(0, -1) } }] : [];
    this.placed = [...this.placed.slice(0, -1), ...fewer];
    this.ask();
    return true;
  }

  accept(): void {
    const change = this.answers.take();
    if (change === null) return;
    this.placed = [];
    this.bench.commit(change);
  }

  cancel(): boolean {
    const any = this.placed.length > 0 || this.drawing !== null;
    this.placed = [];
    this.drawing = this.live = null;
    this.answers.drop();
    this.bench.repaint();
    return any;
  }

  paint(canvas: ToolCanvas): void {
    const { context, view, slice } = canvas;
    const outline = ({ shape, subtracts }: Placed): void => {
      const mask = shapeOnView(view, slice, shape);
      if (mask !== null) strokeMask(context, view, mask, subtracts ? TAKEN : ADDED, true);
    };
    this.placed.forEach(outline);
    if (this.drawing === null) return;
    if (this.drawing.kind === 'planes') this.drawing.line.paint(canvas, this.drawing.subtracts ? TAKEN : ADDED, true);
    else if (this.live !== null) outline({ shape: this.live, subtracts: this.drawing.subtracts });
  }

  private dragged(kind: 'box' | 'sphere', start: Spot, end: Spot | null): VoiShapeJson | null {
    const { grid } = this.bench;
    if (kind === 'box') return end === null ? null : boxFrom(grid, start.axes.across.axis, start.index, end.index, null);
    const mm = end === null ? 0 : Math.hypot(...([0, 1, 2] as const).map((axis) => (end.index[axis] - start.index[axis]) * grid.spacing[axis]));
    return { kind: 'sphere', centre: start.index, radius_mm: mm >= SMALLEST_MM ? Math.round(mm) : this.bench.options.sphereRadiusMm };
  }

  private deepened(shape: Extract<VoiShapeJson, { kind: 'box' }>, notches: number): VoiShapeJson {
    const axis = this.last?.axes.across.axis ?? 2;
    const most = this.bench.grid.shape[axis] - 1;
    const move = (point: Vec3, by: number): Vec3 => {
      const next: [number, number, number] = [...point];
      next[axis] = between(next[axis] + by, 0, most);
      return next;
    };
    const [low, high] = [move(shape.from_xyz, -notches), move(shape.to_xyz, notches)];
    return low[axis] > high[axis] ? shape : { ...shape, from_xyz: low, to_xyz: high };
  }

  /** A further polygon on the same axis belongs to the same shape; a second one on a slice takes its place. */
  private addPolygon(line: DrawnLine, subtracts: boolean): void {
    if (line.points.length < 3) return;
    const polygon = { index: line.slice, points: line.uv };
    const last = this.placed.at(-1);
    const goesOn = last?.shape.kind === 'planes' && last.shape.axis === line.axis && last.subtracts === subtracts;
    const before = goesOn ? (last.shape as PlanesShape).polygons.filter((one) => one.index !== line.slice) : [];
    const shape: PlanesShape = { kind: 'planes', axis: line.axis, polygons: [...before, polygon] };
    this.placed = [...(goesOn ? this.placed.slice(0, -1) : this.placed), { shape, subtracts }];
  }

  private nextShape(): void {
    const all: readonly VoiShape[] = ['box', 'sphere', 'planes'];
    this.bench.set({ voiShape: all[(all.indexOf(this.bench.options.voiShape) + 1) % all.length] ?? 'box' });
  }

  private nextMethod(): void {
    this.bench.set({ voiMethod: following(voiMethods(this.bench.allowed), this.bench.options.voiMethod) });
  }

  private ask(): void {
    const { bench, placed } = this;
    bench.repaint();
    if (!placed.some((one) => !one.subtracts)) {
      this.answers.drop();
      return;
    }
    const part = (subtracts: boolean) => placed.filter((one) => one.subtracts === subtracts).map((one) => shapeJson(bench.grid, one.shape));
    const label = bench.labels.nextLabel();
    const { options } = bench;
    void this.answers.ask({
      method: options.voiMethod === 'flab' ? 'voi_flab' : 'voi_threshold',
      parameters: { voi: { add: part(false), subtract: part(true) }, label, ...methodParameters(options) },
      look: {
        tool: 'voi',
        title: TOOL_TEXT.voi.title,
        rule: ruleOf(options),
        at: this.last?.voxel ?? null,
        pane: this.last?.pane ?? 'axialPet',
        stepHint: this.placed.at(-1)?.shape.kind === 'planes' ? null : this.placed.at(-1)?.shape.kind === 'sphere' ? TOOL_TEXT.stepRadius : TOOL_TEXT.stepDepth,
      },
      facts: usualFacts,
      select: label,
    });
  }
}

function methodParameters(options: ToolOptions): Record<string, unknown> {
  const { voiMethod, flabClasses, flabMeans, flabSds, flabStochastic, flabSeed, fixedSuv, percent } = options;
  if (voiMethod === 'fixed') return { rule: { kind: 'fixed', value: fixedSuv } };
  if (voiMethod === 'percent') return { rule: { kind: 'percent', value: percent } };
  const initial = { ...(flabMeans === null ? {} : { means: [...flabMeans] }), ...(flabSds === null ? {} : { sds: [...flabSds] }) };
  return {
    classes: flabClasses,
    ...(Object.keys(initial).length > 0 ? { initial } : {}),
    stochastic: flabStochastic,
    ...(flabStochastic ? { random_seed: flabSeed } : {}),
  };
}

function ruleOf({ voiMethod, flabClasses, fixedSuv, percent }: ToolOptions): string {
  if (voiMethod === 'fixed') return `SUV > ${formatNumber(fixedSuv, 1)}`;
  if (voiMethod === 'percent') return TOOL_TEXT.voi.percent(formatNumber(percent, 0));
  return TOOL_TEXT.voi.flab(flabClasses);
}
