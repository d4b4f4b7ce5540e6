/** The order of the lesion table; Tab walks through it, too. */

import type { ReadingState, SortKey, TableSort } from './state';

type Sorted = Pick<ReadingState, 'rows' | 'startMl' | 'disagreement' | 'tableSort'>;
type Row = Sorted['rows'][number];

const WORDS: ReadonlySet<SortKey> = new Set<SortKey>(['site', 'source', 'status', 'rule']);

/** mL more than at the start of the read: a deleted lesion has lost all of it. */
export function deltaMl({ label, status, volumeMl }: Row, startMl: ReadonlyMap<number, number>): number {
  return (status === 'deleted' ? 0 : volumeMl) - (startMl.get(label) ?? 0);
}

/** Columns of words and the number count up at first, measures come with the highest first. */
export const firstDirection = (by: SortKey): TableSort => ({ by, down: by !== 'label' && !WORDS.has(by) });

/** A second press turns the order round. */
export const pressed = (sort: TableSort, by: SortKey): TableSort => (sort.by === by ? { by, down: !sort.down } : firstDirection(by));

/** Rows in their order; what has no value comes last, deleted lesions come after all others. */
export function sortedRows(state: Sorted): Row[] {
  const { by, down } = state.tableSort;
  const direction = down ? -1 : 1;
  const gone = (row: Row): number => (row.status === 'deleted' ? 1 : 0);
  return [...state.rows].sort((a, b) => {
    const [x, y] = [valueOf(a, by, state), valueOf(b, by, state)];
    return gone(a) - gone(b) || compared(x, y, direction) || a.label - b.label;
  });
}

function compared(x: number | string | null, y: number | string | null, direction: 1 | -1): number {
  if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1;
  if (typeof x === 'string' || typeof y === 'string') return String(x).localeCompare(String(y), 'en') * direction;
  return (x - y) * direction;
}

function valueOf(row: Row, by: SortKey, state: Sorted): number | string | null {
  switch (by) {
    case 'site':
      return row.site || row.name || null;
    case 'rule':
      return row.boundaryRule || null;
    case 'source':
      return row.source;
    case 'status':
      return row.status;
    case 'deltaMl':
      return deltaMl(row, state.startMl);
    case 'disagreement':
      return state.disagreement?.get(row.label) ?? null;
    default:
      return row[by];
  }
}
