import { describe, expect, it } from 'vitest';

import { addCases, changeArm, changeCase, type Design, type DesignArm, freeKey, numbersIn, presetOf, withArm, withoutArm } from './design';

const arm = (key: string, start: DesignArm['start']): DesignArm => ({
  key, title: key, start, source: 'release', release_name: '', release_fingerprint: '', tools: null,
});

const design = (part: Partial<Design>): Design =>
  ({
    cases: [],
    arms: [],
    allocation: { kind: 'single', seed: 7, order: 'fixed', crossover_cases: 'all', strata: { by: 'none', of: 'reference', split: 'median', thresholds: [] } },
    repeats: { cases: 0, arm: null },
    ...part,
  }) as Design;

describe('a preset', () => {
  it('sets arms and allocation, and keeps seed and the release that was chosen', () => {
    const chosen = { ...arm('first', 'ai'), release_name: 'demo', release_fingerprint: 'f00' };
    const made = presetOf('crossover', design({ arms: [chosen] }));
    expect(made.allocation).toMatchObject({ kind: 'crossover', seed: 7 });
    expect(made.arms.map((one) => [one.start, one.release_fingerprint])).toEqual([['ai', 'f00'], ['semi_automatic', '']]);
    expect(presetOf('ai_only', design({})).arms).toHaveLength(1);
  });
});

describe('arms', () => {
  it('get a key that is free', () => {
    expect(freeKey([arm('arm2', 'ai')])).toBe('arm3');
    expect(withArm([arm('ai', 'ai')], 'empty', 'Empty').map((one) => one.key)).toEqual(['ai', 'arm2']);
  });

  it('change alone', () => {
    const arms = changeArm([arm('a', 'ai'), arm('b', 'ai')], 'b', { title: 'New' });
    expect(arms.map((one) => one.title)).toEqual(['a', 'New']);
  });

  it('leave with the starts and repeats that named them', () => {
    const left = withoutArm(
      design({
        arms: [arm('a', 'ai'), arm('b', 'ai')],
        cases: [{ study: 's', volume: null, reference: null, role: 'main', starts: { a: 'v1', b: 'v2' } }],
        repeats: { cases: 2, arm: 'b' },
      }),
      'b',
    );
    expect(left.arms.map((one) => one.key)).toEqual(['a']);
    expect(left.cases[0]?.starts).toEqual({ a: 'v1' });
    expect(left.repeats).toEqual({ cases: 2, arm: null });
  });
});

describe('cases', () => {
  it('are added once, at the end', () => {
    const cases = addCases(addCases([], ['one']), ['one', 'two']);
    expect(cases.map((one) => one.study)).toEqual(['one', 'two']);
    expect(changeCase(cases, 'two', { role: 'training' }).map((one) => one.role)).toEqual(['main', 'training']);
  });
});

describe('numbers that are typed', () => {
  it('may stand with commas or blanks between', () => {
    expect(numbersIn('10, 50;100')).toEqual([10, 50, 100]);
    expect(numbersIn('')).toEqual([]);
  });

  it('are refused as a whole when one is none', () => {
    expect(numbersIn('10, ten')).toBeNull();
  });
});
