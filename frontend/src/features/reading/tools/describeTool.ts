/** Where a lesion lies and what is to be said of it: an edit that changes no voxel. */

import type { LesionEdit } from '../../../api/types';
import { type Target, targetAt } from './lesionTool';
import type { Bench, EditingTool, Spot } from './tool';

export type LesionTexts = Pick<LesionEdit, 'site' | 'comment' | 'name'>;

export class DescribeTool implements EditingTool {
  readonly name = 'describe';
  private target: Target | null = null;

  constructor(private readonly bench: Bench) {}

  enter(under: Spot | null): void {
    this.target = targetAt(this.bench, under);
  }

  begin(at: Spot): void {
    this.target = targetAt(this.bench, at) ?? this.target;
  }

  /** Says something of a lesion, where it is something new. */
  describe(label: number, texts: LesionTexts): void {
    const before = this.bench.textsOf(label);
    if (before === null) return;
    const changed = (Object.keys(texts) as (keyof LesionTexts)[]).filter((key) => (before[key] ?? '') !== texts[key]);
    if (changed.length === 0) return;
    const said = Object.fromEntries(changed.map((key) => [key, texts[key]]));
    this.bench.commit({ patch: new Uint32Array(0), tool: 'describe', parameters: { label }, lesions: [{ label, ...said }], select: label });
  }
}
