/** The plan of a reader study as the server holds it: plain data, and the changes the editor makes to it. */

import type { Answer } from '../../../api/types';

export type Design = Answer<'DesignForm'>;
export type DesignCase = Design['cases'][number];
export type DesignArm = Design['arms'][number];
export type Allocation = Design['allocation'];
export type Analysis = Design['analysis'];
export type Start = DesignArm['start'];
export type Role = DesignCase['role'];

/** The designs that coordinators ask for by name. */
export type Preset = 'ai_only' | 'crossover' | 'parallel';

const SEMI: DesignArm = {
  key: 'semi', title: 'Semi-automatic method', start: 'semi_automatic', source: 'release', release_name: '', release_fingerprint: '', tools: null,
};
const AI: DesignArm = { ...SEMI, key: 'ai', title: 'AI result, corrected', start: 'ai' };

/** Arms and allocation of a preset; a release that was chosen before is kept. */
export function presetOf(preset: Preset, now: Design): Pick<Design, 'arms' | 'allocation'> {
  const ai = now.arms.find((arm) => arm.start === 'ai') ?? AI;
  const kind = { ai_only: 'single', crossover: 'crossover', parallel: 'parallel' } as const;
  return { arms: preset === 'ai_only' ? [ai] : [ai, SEMI], allocation: { ...now.allocation, kind: kind[preset] } };
}

/** A key that no arm has yet. */
export function freeKey(arms: readonly DesignArm[]): string {
  for (let number = arms.length + 1; ; number += 1) {
    const key = `arm${number}`;
    if (!arms.some((arm) => arm.key === key)) return key;
  }
}

export function withArm(arms: readonly DesignArm[], start: Start, title: string): DesignArm[] {
  return [...arms, { ...SEMI, key: freeKey(arms), title, start }];
}

export function changeArm(arms: readonly DesignArm[], key: string, part: Partial<DesignArm>): DesignArm[] {
  return arms.map((arm) => (arm.key === key ? { ...arm, ...part } : arm));
}

/** Leaves the arm out, with the starts and the repeats that named it. */
export function withoutArm(design: Design, key: string): Pick<Design, 'arms' | 'cases' | 'repeats'> {
  const cases = design.cases.map((one) => ({ ...one, starts: Object.fromEntries(Object.entries(one.starts).filter(([arm]) => arm !== key)) }));
  const repeats = design.repeats.arm === key ? { ...design.repeats, arm: null } : design.repeats;
  return { arms: design.arms.filter((arm) => arm.key !== key), cases, repeats };
}

export function addCases(cases: readonly DesignCase[], studies: readonly string[]): DesignCase[] {
  const there = new Set(cases.map((one) => one.study));
  const added = studies.filter((study) => !there.has(study));
  return [...cases, ...added.map((study): DesignCase => ({ study, volume: null, reference: null, role: 'main', starts: {} }))];
}

export function changeCase(cases: readonly DesignCase[], study: string, part: Partial<DesignCase>): DesignCase[] {
  return cases.map((one) => (one.study === study ? { ...one, ...part } : one));
}

/** Numbers written with commas or blanks between; null when one of them is none. */
export function numbersIn(written: string): number[] | null {
  const parts = written.split(/[\s,;]+/).filter((part) => part !== '');
  const numbers = parts.map(Number);
  return numbers.every(Number.isFinite) ? numbers : null;
}
