import { describe, expect, it } from 'vitest';

import type { ReaderStudyRead } from '../../api/types';
import { activeSeconds, axisSteps, countStates, median, rowAgreement, rowCounts, rowMatrix } from './results';

function aRead(part: Partial<ReaderStudyRead> = {}): ReaderStudyRead {
  return {
    assignment: 'a',
    read: 'r',
    reader: { id: 1, username: 'r', name: 'R' },
    case_number: 1,
    shown_number: 1,
    pseudonym: 'PT-0001',
    arm: 'ai',
    arm_key: 'ai',
    plan_number: 1,
    role: 'main',
    period: 1,
    position: 1,
    repeat: 0,
    stratum: '',
    sequence: null,
    in_timing_subgroup: false,
    attempt: 1,
    reason: '',
    is_record: true,
    confidence: null,
    revised_row: null,
    strict_row: null,
    reference_row: null,
    agreement: null,
    negative_control: null,
    planted: null,
    clock: null,
    flags: [],
    state: 'submitted',
    row: null,
    derived_row: null,
    wall_s: null,
    active_s: null,
    actions: null,
    final_version: null,
    submitted_at: null,
    ...part,
  };
}

describe('results of a reader study', () => {
  it('median: the middle one, or between the two middle ones', () => {
    expect(median([5, 1, 9])).toBe(5);
    expect(median([4, 1, 9, 6])).toBe(5);
    expect(median([10, 9, 100])).toBe(10);
    expect(median([])).toBeNull();
  });

  it('times are those of submitted reads that have one', () => {
    const reads = [aRead({ active_s: 60 }), aRead({ active_s: null }), aRead({ state: 'open', active_s: 5 }), aRead({ active_s: 0 })];
    expect(activeSeconds(reads)).toEqual([60, 0]);
  });

  it('scores are counted by row; reads without a score are not', () => {
    const reads = [1, 3, 3, 5, null].map((row) => aRead({ row }));
    expect(rowCounts(reads)).toEqual([1, 0, 2, 0, 1]);
  });

  it('agreement speaks only of reads with both rows', () => {
    const reads = [aRead({ row: 3, derived_row: 3 }), aRead({ row: 3, derived_row: 4 }), aRead({ row: 1 }), aRead({ derived_row: 2 })];
    expect(rowAgreement(reads)).toEqual({ equal: 1, scored: 2 });
    expect(rowMatrix(reads)[2]).toEqual([0, 0, 1, 1, 0]);
    expect(rowMatrix(reads).flat().reduce((sum, n) => sum + n, 0)).toBe(2);
  });

  it('every assignment is submitted, begun or waiting', () => {
    const states = ['submitted', 'open', 'final', 'not_opened', 'abandoned'] as const;
    expect(countStates(states.map((state) => aRead({ state })))).toEqual({ submitted: 1, begun: 2, waiting: 2 });
  });

  it('the axis reaches the largest value in few round steps', () => {
    expect(axisSteps(7.7)).toEqual([0, 2, 4, 6, 8]);
    expect(axisSteps(0.4)).toEqual([0, 1]);
    expect(axisSteps(23)).toEqual([0, 5, 10, 15, 20, 25]);
    expect(axisSteps(5000).at(-1)).toBeGreaterThanOrEqual(5000);
  });
});
