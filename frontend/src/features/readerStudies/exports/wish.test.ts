import { describe, expect, it } from 'vitest';

import { asked, FIRST_WISH, isComplete, mayExport, toggled } from './wish';

describe('what an export is to hold', () => {
  it('begins with the tables in all formats', () => {
    expect(asked(FIRST_WISH, false)).toEqual({ parts: ['tables'], formats: ['csv', 'xlsx', 'json', 'parquet'] });
  });

  it('keeps the order of the product, whatever was ticked first', () => {
    const wish = { parts: ['dataset', 'tables'] as const, formats: ['parquet', 'csv'] as const };
    expect(asked(wish, false)).toEqual({ parts: ['tables', 'dataset'], formats: ['csv', 'parquet'] });
  });

  it('leaves out what cannot be masked until the data lock', () => {
    const wish = { parts: ['forms', 'versions', 'dataset'] as const, formats: ['csv'] as const };
    expect(asked(wish, true).parts).toEqual([]);
    expect(isComplete(wish, true)).toBe(false);
    expect(isComplete(wish, false)).toBe(true);
    expect(mayExport('tables', true)).toBe(true);
  });

  it('needs a format for tables, and only for them', () => {
    expect(isComplete({ parts: ['tables'], formats: [] }, false)).toBe(false);
    expect(isComplete({ parts: ['forms'], formats: [] }, false)).toBe(true);
  });

  it('adds and takes away', () => {
    expect(toggled(['csv'], 'json')).toEqual(['csv', 'json']);
    expect(toggled(['csv', 'json'], 'csv')).toEqual(['json']);
  });
});
