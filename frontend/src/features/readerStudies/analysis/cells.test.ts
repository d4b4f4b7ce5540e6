import { describe, expect, it } from 'vitest';

import { heading, showCell, toCsv } from './cells';
import { readReport, type ReportColumn, type ReportTable } from './report';

const column = (kind: ReportColumn['kind'], digits: number | null = null): ReportColumn => ({ name: 'x', title: 'X', unit: '', kind, digits });

describe('cells', () => {
  it('shows a missing value as a dash, never as zero', () => {
    expect(showCell(null, column('number', 1))).toBe('–');
    expect(showCell(0, column('number', 1))).toBe('0.0');
  });
  it('shows p values with three decimals and a floor', () => {
    expect(showCell(0.0128, column('p'))).toBe('0.013');
    expect(showCell(0.0004, column('p'))).toBe('< 0.001');
    expect(showCell(null, column('p'))).toBe('–');
  });
  it('shows shares as percent', () => {
    expect(showCell(35 / 41, column('percent', 0))).toBe('85 %');
    expect(showCell(0.0125, column('percent', 1))).toBe('1.3 %');
  });
  it('names the unit in the heading', () => {
    expect(heading({ ...column('number'), unit: 'mL', title: 'Volume' })).toBe('Volume (mL)');
  });
});

const table: ReportTable = {
  key: 't',
  title: 'T',
  columns: [column('text'), { ...column('number'), name: 'y' }],
  rows: [
    ['=1+1', 0.123456],
    ['a "b", c', null],
  ],
  notes: [],
  n: 2,
  analysis_set: 'full',
  is_synthetic: true,
};

describe('CSV', () => {
  it('keeps formulas from running, quotes, and marks synthetic data', () => {
    expect(toCsv(table)).toBe('x,y,data\r\n\'=1+1,0.123456,synthetic\r\n"a ""b"", c",,synthetic\r\n');
  });
  it('has no mark where the data are real', () => {
    expect(toCsv({ ...table, is_synthetic: false })).toMatch(/^x,y\r\n/);
  });
});

describe('report', () => {
  it('is refused when it is of another make', () => {
    expect(readReport(null)).toBeNull();
    expect(readReport({ schema: 2, sections: [], headlines: [], methods: '' })).toBeNull();
    expect(readReport({ schema: 1, sections: [], headlines: [], methods: '' })).not.toBeNull();
  });
});
