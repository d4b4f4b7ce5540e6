/** Grows, shrinks or smooths a lesion by mm, or fills its holes; never into another lesion. */

import { formatMl, formatNumber } from '../../../ui/format';
import { following, marginRange, reshapes } from './allowed';
import { LesionTool } from './lesionTool';
import { between, tidy } from './options';
import type { Report } from './proposals';
import { TOOL_TEXT } from './text';
import type { EditingTool, Fact } from './tool';

const MARGIN_STEP_MM = 1;
export const FARTHEST_MM = 30;

export class ReshapeTool extends LesionTool implements EditingTool {
  readonly name = 'reshape';
  readonly keys = { d: () => this.nextWay() };

  step(notches: number): void {
    const { reshape, marginMm, smoothMm } = this.bench.options;
    if (reshape === 'margin') this.bench.set({ marginMm: between(tidy(marginMm + notches * MARGIN_STEP_MM), ...marginRange(this.bench.allowed, FARTHEST_MM)) });
    else if (reshape === 'smooth') this.bench.set({ smoothMm: between(tidy(smoothMm + notches * MARGIN_STEP_MM), 1, FARTHEST_MM) });
  }

  resize(steps: number): void {
    this.step(steps);
  }

  private nextWay(): void {
    this.bench.set({ reshape: following(reshapes(this.bench.allowed), this.bench.options.reshape) });
  }

  protected ask(): void {
    const { target, bench } = this;
    if (target === null) return;
    const { label } = target;
    const { reshape, marginMm, smoothMm } = bench.options;
    const asked = ({
      margin: { method: marginMm < 0 ? 'shrink' : 'grow', parameters: { label, mm: Math.abs(marginMm) } },
      smooth: { method: 'smooth', parameters: { label, mm: smoothMm } },
      fill: { method: 'fill_holes', parameters: { label } },
    } as const)[reshape];
    const rules = {
      margin: TOOL_TEXT.reshape.by(formatNumber(marginMm, 0)),
      smooth: TOOL_TEXT.reshape.by(formatNumber(smoothMm, 0)),
      fill: '',
    };
    if (reshape === 'margin' && marginMm === 0) return bench.show(null);
    void this.answers.ask({
      ...asked,
      look: {
        tool: 'reshape',
        title: TOOL_TEXT.reshape.titles[asked.method](label),
        rule: rules[reshape],
        at: target.at,
        pane: target.pane,
        stepHint: reshape === 'fill' ? null : TOOL_TEXT.stepMm,
      },
      facts: (report) => this.facts(label, report),
      select: label,
    });
  }

  private facts(label: number, { numbers }: Report): Fact[] {
    const before = this.bench.labels.voxels(label).length * this.bench.grid.voxelVolumeMl;
    const after = numbers['volume_ml'];
    return [{ id: 'volume', before: `${formatMl(before)} → `, value: formatMl(after), after: ' mL' }];
  }
}
