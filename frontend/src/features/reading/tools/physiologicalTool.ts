/** Uptake that belongs there leaves the tumour: all of a lesion, or what lies beyond a boundary. */

import { formatMl } from '../../../ui/format';
import type { Vec3 } from '../../../viewer/grid';
import { CUT_COLOUR, cutParameters } from './cutTool';
import { LesionTool, wholeOf } from './lesionTool';
import { DrawnLine } from './line';
import type { Boundary } from './options';
import { paintPoint } from './painting';
import type { Report } from './proposals';
import { TOOL_TEXT } from './text';
import type { EditingTool, Fact, Spot, ToolCanvas } from './tool';

/** One key or click away; the others stand in the list. */
export const USUAL_CLASSES: readonly string[] = ['kidney', 'bladder', 'bowel', 'spleen', 'liver', 'salivary_gland'];
const KEPT_COLOUR = '#3fbf7f';

export class PhysiologicalTool extends LesionTool implements EditingTool {
  readonly name = 'physiological';
  readonly keys = { d: () => this.nextBoundary(), j: () => this.nextClass() };
  /** Marked tumour: it stays. */
  private keep: Vec3[] = [];
  private line: DrawnLine | null = null;
  private drawing = false;

  /** A click in the lesion marks tumour that stays; with "drawn", a drag draws the boundary. */
  override begin(at: Spot): void {
    const under = at.voxel ? this.bench.labels.at(this.bench.grid.flat(...at.voxel)) : 0;
    if (this.bench.options.boundary === 'drawn' && this.target !== null) {
      this.line = new DrawnLine(at);
      this.drawing = true;
      return;
    }
    if (this.target === null || (under !== 0 && under !== this.target.label)) return this.aim(at);
    if (at.voxel !== null && under === this.target.label) this.mark(at.voxel);
  }

  move(spots: readonly Spot[]): void {
    if (!this.drawing) return;
    this.line?.add(spots);
    this.bench.repaint();
  }

  end(): void {
    if (!this.drawing || this.line === null) return;
    this.drawing = false;
    const [first] = this.line.points;
    // A press without a drag is a mark, here too.
    if (this.line.points.length < 2) {
      this.line = null;
      if (first !== undefined) this.mark([Math.round(first[0]), Math.round(first[1]), Math.round(first[2])]);
    } else this.ask();
  }

  back(): boolean {
    if (this.keep.length > 0) this.keep = this.keep.slice(0, -1);
    else if (this.line !== null) this.line = null;
    else return false;
    this.ask();
    return true;
  }

  paint(canvas: ToolCanvas): void {
    for (const point of this.keep) paintPoint(canvas, point, KEPT_COLOUR);
    this.line?.paint(canvas, CUT_COLOUR, false);
  }

  protected override reset(): void {
    super.reset();
    this.keep = [];
    this.line = null;
    this.drawing = false;
  }

  protected ask(): void {
    const { target, bench, keep, line } = this;
    if (target === null) return;
    const { boundary, physiologicalClass, cutDepthMm } = bench.options;
    const title = TOOL_TEXT.physiological.title(target.label);
    const look = { tool: 'physiological', title, rule: TOOL_TEXT.physiological.boundaries[boundary], at: target.at, pane: target.pane, stepHint: null } as const;
    const outline = [wholeOf(bench, target.label)];
    if (boundary === 'drawn' && line === null) {
      this.answers.drop();
      bench.show({ ...look, regions: outline, facts: [], warnings: [], problem: TOOL_TEXT.physiological.draw, busy: false });
      return;
    }
    void this.answers.ask({
      method: 'physiological',
      parameters: {
        label: target.label,
        class: physiologicalClass,
        boundary,
        ...(keep.length > 0 ? { keep_xyz: keep.map((point) => [...point]) } : {}),
        ...(target.at !== null && boundary !== 'whole' ? { at_xyz: [...target.at] } : {}),
        ...(line !== null ? { cut: cutParameters(line, cutDepthMm) } : {}),
      },
      look,
      facts: (report) => this.facts(report),
    });
  }

  private mark(voxel: Vec3): void {
    if (this.target === null || this.bench.labels.at(this.bench.grid.flat(...voxel)) !== this.target.label) return this.bench.say(TOOL_TEXT.split.markInside);
    this.keep = [...this.keep, voxel];
    // Marked tumour cannot stay where the whole lesion goes.
    if (this.bench.options.boundary === 'whole') this.bench.set({ boundary: 'watershed' });
    else this.ask();
  }

  private nextClass(): void {
    const at = USUAL_CLASSES.indexOf(this.bench.options.physiologicalClass);
    this.bench.set({ physiologicalClass: USUAL_CLASSES[(at + 1) % USUAL_CLASSES.length] ?? 'kidney' });
  }

  private nextBoundary(): void {
    const all: readonly Boundary[] = ['whole', 'watershed', 'drawn'];
    this.bench.set({ boundary: all[(all.indexOf(this.bench.options.boundary) + 1) % all.length] ?? 'whole' });
  }

  private facts({ numbers }: Report): Fact[] {
    return [
      { id: 'lost', value: formatMl(numbers['lost_ml']), after: ` mL ${TOOL_TEXT.physiological.leaves}` },
      { id: 'kept', value: formatMl(numbers['kept_ml']), after: ` mL ${TOOL_TEXT.physiological.stays}` },
    ];
  }
}
