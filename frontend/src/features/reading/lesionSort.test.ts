import { describe, expect, it } from 'vitest';

import { deltaMl, firstDirection, pressed, sortedRows } from './lesionSort';
import type { LesionRow, SortKey } from './state';

const row = (label: number, more: Partial<LesionRow> = {}): LesionRow => ({
  label,
  status: 'kept',
  source: 'model',
  name: '',
  site: '',
  comment: '',
  physiologicalClass: '',
  boundaryRule: '',
  volumeMl: 1,
  suvMax: null,
  suvPeak: null,
  suvMean: null,
  suvSd: null,
  tlg: null,
  maxMm: null,
  centroidMm: null,
  provisional: false,
  ...more,
});

const order = (rows: LesionRow[], by: SortKey, down: boolean, startMl = new Map<number, number>()): number[] =>
  sortedRows({ rows, startMl, disagreement: new Map([[1, 0.1], [2, 0.3]]), tableSort: { by, down } }).map((one) => one.label);

describe('the lesion table', () => {
  const rows = [row(1, { suvPeak: 5 }), row(2, { suvPeak: 9, status: 'deleted' }), row(3, { suvPeak: 7 }), row(4)];

  it('puts deleted lesions last and lesions without the value before them, both ways', () => {
    expect(order(rows, 'suvPeak', true)).toEqual([3, 1, 4, 2]);
    expect(order(rows, 'suvPeak', false)).toEqual([1, 3, 4, 2]);
  });

  it('sorts by words, by difference to the start and by model disagreement', () => {
    const sites = [row(1, { site: 'spleen' }), row(2, { site: 'liver' }), row(3)];
    expect(order(sites, 'site', false)).toEqual([2, 1, 3]);
    const sizes = [row(1, { volumeMl: 2 }), row(2, { volumeMl: 5 }), row(3, { volumeMl: 1 })];
    expect(order(sizes, 'deltaMl', true, new Map([[2, 5], [3, 3]]))).toEqual([1, 2, 3]);
    expect(order([row(1), row(2), row(3)], 'disagreement', true)).toEqual([2, 1, 3]);
  });

  it('says what a lesion gained or lost since the start', () => {
    const startMl = new Map([[1, 4]]);
    expect(deltaMl(row(1, { volumeMl: 5.5 }), startMl)).toBe(1.5);
    expect(deltaMl(row(1, { status: 'deleted', volumeMl: 5.5 }), startMl)).toBe(-4);
    expect(deltaMl(row(9, { volumeMl: 2 }), startMl)).toBe(2);
  });

  it('turns the order round on a second press', () => {
    expect(firstDirection('suvMax')).toEqual({ by: 'suvMax', down: true });
    expect(firstDirection('site')).toEqual({ by: 'site', down: false });
    expect(pressed({ by: 'tlg', down: true }, 'tlg')).toEqual({ by: 'tlg', down: false });
    expect(pressed({ by: 'tlg', down: false }, 'label')).toEqual({ by: 'label', down: false });
  });
});
