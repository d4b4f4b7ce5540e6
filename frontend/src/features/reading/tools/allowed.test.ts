import { describe, expect, it } from 'vitest';

import { following, isOffered, marginRange, seedRules, voiMethods, withinPlan } from './allowed';
import { INITIAL_OPTIONS } from './options';

describe('tools that the plan allows', () => {
  it('leaves out what the plan does not name', () => {
    const allowed = ['brush', 'grow', 'describe'];
    expect(isOffered('brush', allowed)).toBe(true);
    expect(isOffered('reshape', allowed)).toBe(true);
    expect(isOffered('sphere', allowed)).toBe(false);
    expect(isOffered('add', allowed)).toBe(false);
    expect(isOffered('add', ['seed_flab'])).toBe(true);
  });

  it('never takes away what only looks', () => {
    expect(isOffered('window', [])).toBe(true);
    expect(isOffered('cross', [])).toBe(true);
  });
});

describe('methods inside a tool', () => {
  const allowed = ['seed_gradient', 'seed_flab', 'voi_threshold', 'grow'];

  it('leaves those that the plan names, and goes round among them', () => {
    expect(seedRules(allowed)).toEqual(['gradient', 'flab']);
    expect(voiMethods(allowed)).toEqual(['percent', 'fixed']);
    expect(following(seedRules(allowed), 'flab')).toBe('gradient');
    expect(following(['gradient'], 'gradient')).toBe('gradient');
  });

  it('begins with the first that is allowed and keeps what is', () => {
    expect(withinPlan(INITIAL_OPTIONS, allowed)).toMatchObject({ seedRule: 'gradient', voiMethod: 'percent', reshape: 'margin', marginMm: 4 });
    expect(withinPlan(INITIAL_OPTIONS, ['shrink']).marginMm).toBe(-4);
    expect(withinPlan({ ...INITIAL_OPTIONS, seedRule: 'flab' }, allowed).seedRule).toBe('flab');
  });

  it('turns a margin only as far as growing or shrinking is allowed', () => {
    expect(marginRange(allowed, 30)).toEqual([0, 30]);
    expect(marginRange(['shrink'], 30)).toEqual([-30, 0]);
  });
});
