/** The preview of a method that the server computes: asked, shown, kept until it is accepted. */

import { messageOf } from '../../../api/errors';
import type { LesionEdit } from '../../../api/types';
import { formatMl, formatNumber } from '../../../ui/format';
import { forEachRun, type Patch } from '../../../viewer/patch';
import type { Change } from '../editor';
import type { Method, Proposal, Report } from './proposals';
import { TOOL_TEXT } from './text';
import type { Bench, Fact, Preview, Region } from './tool';

export interface Question {
  readonly method: Method;
  readonly parameters: Record<string, unknown>;
  /** How the preview looks; voxels and numbers come with the answer. */
  readonly look: Omit<Preview, 'regions' | 'facts' | 'warnings' | 'problem' | 'busy'>;
  readonly facts?: (report: Report) => Fact[];
  /** The lesion that is selected afterwards. */
  readonly select?: number;
  /** Outlines that are shown while nothing is known yet. */
  readonly outline?: readonly Region[];
  /** What is said of lesions beside what the server says. */
  readonly lesions?: readonly LesionEdit[];
}

export class Answers {
  private answer: { proposal: Proposal; question: Question } | null = null;
  private shown: Preview | null = null;

  constructor(private readonly bench: Bench) {}

  get report(): Report | null {
    return this.answer?.proposal.report ?? null;
  }

  async ask(question: Question): Promise<void> {
    const { bench } = this;
    this.answer = null;
    // The old outline stays until the new one is there; a short wait shows no spinner (tools.module.css).
    this.show({ ...this.frame(question), regions: this.shown?.regions ?? question.outline ?? [], facts: this.shown?.facts ?? [], busy: true });
    try {
      const proposal = await bench.ask(question.method, question.parameters);
      if (proposal === null) return;
      this.answer = { proposal, question };
      this.show(this.answered(question, proposal));
    } catch (error) {
      this.show({ ...this.frame(question), problem: messageOf(error), regions: question.outline ?? [] });
    }
  }

  /** The edit that the last answer stands for. */
  take(): Change | null {
    if (this.answer === null || this.answer.proposal.patch.length === 0) return null;
    const { proposal, question } = this.answer;
    const { patch, tool, parameters, lesions } = proposal;
    this.drop();
    return {
      patch,
      tool,
      parameters,
      lesions: joined(lesions, question.lesions ?? []),
      ...(question.select === undefined ? {} : { select: question.select }),
    };
  }

  /** Forgets question and answer. False when there was none. */
  drop(): boolean {
    const any = this.shown !== null;
    this.bench.forget();
    this.answer = this.shown = null;
    this.bench.show(null);
    return any;
  }

  private frame({ look }: Question): Preview {
    return { ...look, regions: [], facts: [], warnings: [], problem: null, busy: false };
  }

  private answered(question: Question, { patch, report }: Proposal): Preview {
    const changes = patch.length > 0;
    return {
      ...this.frame(question),
      regions: [...(question.outline ?? []), ...regionsOf(patch)],
      facts: (question.facts ?? usualFacts)(report),
      warnings: report.warnings,
      problem: changes ? null : TOOL_TEXT.changesNothing,
    };
  }

  private show(preview: Preview): void {
    this.shown = preview;
    this.bench.show(preview);
  }
}

/** The voxels of a patch by what becomes of them. */
export function regionsOf(patch: Patch): Region[] {
  const gained = new Map<number, number[]>();
  const lost = new Map<number, number[]>();
  forEachRun(patch, (start, length, before, after) => {
    const [map, label] = after === 0 ? [lost, before] : [gained, after];
    let list = map.get(label);
    if (list === undefined) map.set(label, (list = []));
    for (let i = start; i < start + length; i++) list.push(i);
  });
  const regions = (map: Map<number, number[]>, erases: boolean): Region[] => [...map].map(([label, voxels]) => ({ voxels, label, erases }));
  return [...regions(gained, false), ...regions(lost, true)];
}

export function usualFacts({ numbers }: Report): Fact[] {
  const facts: Fact[] = [];
  if (numbers['threshold_suv'] !== undefined) facts.push({ id: 'threshold', before: 'SUV > ', value: formatNumber(numbers['threshold_suv'], 2) });
  if (numbers['volume_ml'] !== undefined) facts.push({ id: 'volume', value: formatMl(numbers['volume_ml']), after: ' mL' });
  return facts;
}

function joined(theirs: readonly LesionEdit[], ours: readonly LesionEdit[]): LesionEdit[] {
  const byLabel = new Map<number, LesionEdit>();
  for (const one of [...theirs, ...ours]) byLabel.set(one.label, { ...byLabel.get(one.label), ...one });
  return [...byLabel.values()];
}
