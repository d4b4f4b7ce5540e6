import { describe, expect, it } from 'vitest';

import type { WorklistItem, WorklistState } from '../../api/types';
import { actionOf, canOpen, countSubmitted, groupItems, nextItem } from './items';

const item = (assignment: string, state: WorklistState, readerStudy = 'A'): WorklistItem => ({
  assignment,
  case_number: 1,
  case_count: 3,
  pseudonym: 'PT-0001',
  reader_study: readerStudy,
  tracer: 'FDG',
  role: 'main',
  period: 1,
  is_next: false,
  opens_at: null,
  state,
  waiting_for: null,
  waiting_share: null,
  read: null,
  is_synthetic: true,
  opened_at: null,
  submitted_at: null,
});

describe('the worklist', () => {
  it('goes on with what was begun before it begins anything new', () => {
    const items = [item('1', 'submitted'), item('2', 'ready'), item('3', 'open'), item('4', 'final')];
    expect(nextItem(items)?.assignment).toBe('4');
    expect(nextItem(items.slice(0, 3))?.assignment).toBe('3');
    expect(nextItem(items.slice(0, 2))?.assignment).toBe('2');
    expect(nextItem([item('1', 'submitted'), item('5', 'waiting')])).toBeUndefined();
  });

  it('takes the case the plan says is next, where several may be opened', () => {
    const items = [item('1', 'ready'), { ...item('2', 'ready'), is_next: true }];
    expect(nextItem(items)?.assignment).toBe('2');
  });

  it('opens nothing that is locked away', () => {
    expect((['later', 'washout', 'training_review', 'closed', 'abandoned'] as const).some((state) => canOpen(item('1', state)))).toBe(false);
  });

  it('keeps the order of the plan within each reader study', () => {
    const groups = groupItems([item('1', 'ready', 'B'), item('2', 'ready', 'A'), item('3', 'ready', 'B')]);
    expect(groups.map((group) => [group.readerStudy, group.items.map((one) => one.assignment)])).toEqual([
      ['B', ['1', '3']],
      ['A', ['2']],
    ]);
  });

  it('opens everything but what waits', () => {
    expect(canOpen(item('1', 'waiting'))).toBe(false);
    expect(actionOf(item('1', 'waiting'))).toBeNull();
    expect((['ready', 'open', 'final', 'submitted'] as const).map((state) => canOpen(item('1', state)))).toEqual([true, true, true, true]);
    expect(countSubmitted([item('1', 'submitted'), item('2', 'open')])).toBe(1);
  });
});
