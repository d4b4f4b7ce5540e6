import { describe, expect, it } from 'vitest';

import { inputRows } from './suvInputs';

describe('the SUV record on the screen', () => {
  it('shows every input, nested ones with their group, nothing left out', () => {
    const record = { weight_kg: 72, injection: { dose_bq: 1.5e8, at: null }, checks: ['a', 'b'], is_late: false };
    expect(inputRows(record)).toEqual([
      ['weight kg', '72'],
      ['injection: dose bq', '150000000'],
      ['injection: at', '–'],
      ['checks', 'a, b'],
      ['is late', 'false'],
    ]);
  });
});
