/** Makes two lesions one: the only way, beside an import, in which a label may lie in several pieces. */

import { formatMl } from '../../../ui/format';
import { mergePatch } from '../../../viewer/strokes';
import { middleOf, wholeOf } from './lesionTool';
import { TOOL_TEXT } from './text';
import type { Bench, EditingTool, Spot } from './tool';

export class MergeTool implements EditingTool {
  readonly name = 'merge';
  private kept: number | null = null;
  private other: number | null = null;
  private spot: Spot | null = null;

  constructor(private readonly bench: Bench) {}

  /** Starts with the selected lesion; what lies under the pointer is the second. */
  enter(under: Spot | null): void {
    const { selected, labels } = this.bench;
    this.kept = selected !== null && labels.voxels(selected).length > 0 ? selected : null;
    this.other = null;
    const label = this.labelAt(under);
    if (label !== 0 && under !== null) this.pick(label, under);
    else this.show();
  }

  begin(at: Spot): void {
    const label = this.labelAt(at);
    if (label === 0) return this.bench.say(TOOL_TEXT.noLesionHere);
    this.pick(label, at);
  }

  back(): boolean {
    if (this.other !== null) this.other = null;
    else if (this.kept !== null) this.kept = null;
    else return false;
    this.show();
    return true;
  }

  accept(): void {
    const { kept, other, bench } = this;
    if (kept === null || other === null) return;
    this.cancel();
    bench.commit({ patch: mergePatch(bench.labels, other, kept), tool: 'merge', parameters: { kept, merged: other }, select: kept });
  }

  cancel(): boolean {
    const any = this.kept !== null || this.other !== null;
    this.kept = this.other = this.spot = null;
    this.bench.show(null);
    return any;
  }

  private labelAt(spot: Spot | null): number {
    return spot?.voxel ? this.bench.labels.at(this.bench.grid.flat(...spot.voxel)) : 0;
  }

  private pick(label: number, spot: Spot): void {
    this.spot = spot;
    if (this.kept === null || this.bench.labels.voxels(this.kept).length === 0) {
      this.kept = label;
      this.bench.select(label);
    } else if (label !== this.kept) this.other = label;
    this.show();
  }

  private show(): void {
    const { kept, other, bench } = this;
    const ml = (label: number): number => bench.labels.voxels(label).length * bench.grid.voxelVolumeMl;
    bench.show({
      tool: 'merge',
      title: kept === null ? TOOL_TEXT.merge.first : other === null ? TOOL_TEXT.merge.second(kept) : TOOL_TEXT.merge.title(other, kept),
      rule: '',
      regions: kept === null ? [] : [wholeOf(bench, kept), ...(other === null ? [] : [{ ...wholeOf(bench, other), label: kept }])],
      facts: kept === null || other === null ? [] : [{ id: 'volume', value: formatMl(ml(kept) + ml(other)), after: ' mL' }],
      warnings: [],
      problem: kept !== null && other !== null ? null : TOOL_TEXT.merge.hint,
      busy: false,
      at: this.spot?.voxel ?? (kept === null ? null : middleOf(bench, kept)),
      pane: this.spot?.pane ?? 'axialPet',
      stepHint: null,
    });
  }
}
