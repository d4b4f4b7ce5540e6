import { describe, expect, it } from 'vitest';

import { formatBytes, formatDate, formatDuration, formatMinutes, formatMl, formatNumber, formatPercent } from './format';

describe('numbers on the screen', () => {
  it('are a dash where there is none, never zero', () => {
    for (const nothing of [null, undefined, Number.NaN, Number.POSITIVE_INFINITY]) expect(formatNumber(nothing, 1)).toBe('–');
    expect(formatMl(null)).toBe('–');
    expect(formatMinutes(null)).toBe('–');
    expect(formatPercent(null)).toBe('–');
    expect(formatDate(null)).toBe('–');
    expect(formatNumber(0, 1)).toBe('0.0');
  });

  it('have the digits asked for', () => {
    expect(formatNumber(1234.56, 1)).toBe('1,234.6');
    expect(formatNumber(-772, 0)).toBe('−772');
    expect([formatMl(54.31), formatMl(0.234), formatMl(186)]).toEqual(['54.3', '0.23', '186.0']);
    expect(formatMinutes(301)).toBe('5.0');
    expect([formatBytes(0), formatBytes(999), formatBytes(1500), formatBytes(123_456_789)]).toEqual(['0 B', '999 B', '1.5 kB', '123 MB']);
  });

  it('name the parts of a duration', () => {
    expect([42, 59.6, 303, 3599.7, 4320].map(formatDuration)).toEqual(['42 s', '1 min 00 s', '5 min 03 s', '1 h 00 min', '1 h 12 min']);
  });
});
