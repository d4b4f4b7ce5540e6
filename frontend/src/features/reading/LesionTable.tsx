import { useEffect, useRef, useState } from 'react';

import { Chip, type Tone } from '../../ui/Chip';
import { classes } from '../../ui/classes';
import { EmptyState } from '../../ui/EmptyState';
import { formatMl, formatNumber } from '../../ui/format';
import { cssColour } from '../../viewer/colours';
import { useStateOf } from './Panes';
import css from './ReadingRoom.module.css';
import type { ReadingSession } from './session';
import type { LesionRow } from './state';
import { TEXT } from './text';
import { keepFocus } from './keepFocus';

type Column = 'label' | 'volumeMl' | 'suvMax' | 'suvPeak' | 'suvMean' | 'tlg';

const TONES: Record<LesionRow['status'], Tone> = { kept: 'plain', edited: 'accent', added: 'ok', deleted: 'bad' };
const COLUMNS: { column: Column; name: string }[] = [
  { column: 'volumeMl', name: TEXT.columns.ml },
  { column: 'suvMax', name: TEXT.columns.max },
  { column: 'suvPeak', name: TEXT.columns.peak },
  { column: 'suvMean', name: TEXT.columns.mean },
  { column: 'tlg', name: TEXT.columns.tlg },
];

/** Hottest and largest first; numbers count up. Deleted lesions stay at the end. */
function sorted(rows: readonly LesionRow[], by: Column): LesionRow[] {
  const key = (row: LesionRow): number => (by === 'label' ? row.label : -(row[by] ?? -Infinity));
  const gone = (row: LesionRow): number => (row.status === 'deleted' ? 1 : 0);
  return [...rows].sort((a, b) => gone(a) - gone(b) || key(a) - key(b) || a.label - b.label);
}

export function LesionTable({ session }: { session: ReadingSession }) {
  const rows = useStateOf(session, (s) => s.rows);
  const selected = useStateOf(session, (s) => s.selected);
  const scored = useStateOf(session, (s) => s.read.scored);
  const [by, setBy] = useState<Column>('label');
  const heads: { column: Column; name: string; number: boolean }[] = [
    { column: 'label', name: TEXT.columns.number, number: false },
    ...COLUMNS.map((one) => ({ ...one, number: true })),
  ];
  if (rows.length === 0) {
    return (
      <div className={css.scroll} data-testid="lesion-table">
        <EmptyState title={TEXT.noLesionsTitle}>{scored ? TEXT.noLesionsAi : TEXT.noLesions}</EmptyState>
      </div>
    );
  }
  const head = ({ column, name, number }: (typeof heads)[number]) => (
    <th key={column} className={number ? css.number : undefined} aria-sort={by === column ? (number ? 'descending' : 'ascending') : 'none'}>
      <button type="button" onClick={() => setBy(column)}>
        {name}
        {by === column && number ? ' ↓' : ''}
      </button>
    </th>
  );
  return (
    <div className={css.scroll} data-testid="lesion-table">
      <table className={css.table} aria-label={TEXT.lesionTable}>
        <thead>
          <tr>
            {heads.slice(0, 1).map(head)}
            <th>
              <button type="button" tabIndex={-1}>
                {TEXT.columns.status}
              </button>
            </th>
            {heads.slice(1).map(head)}
          </tr>
        </thead>
        <tbody>
          {sorted(rows, by).map((row) => (
            <Row key={row.label} session={session} row={row} selected={row.label === selected} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** "deleted" is the way back, too. */
function RestoreChip({ session, row }: { session: ReadingSession; row: LesionRow }) {
  const open = useStateOf(session, (s) => s.read.state === 'open');
  if (!open) return <Chip tone="bad">{TEXT.status.deleted}</Chip>;
  return (
    <button
      type="button"
      className={css.restore}
      aria-label={TEXT.restoreLesion(row.label)}
      title={TEXT.restoreLesion(row.label)}
      data-testid={`restore-${row.label}`}
      onMouseDown={keepFocus}
      onClick={(event) => {
        event.stopPropagation();
        void session.lesions.restore(row.label);
      }}
    >
      <Chip tone="bad">{`${TEXT.status.deleted} ↩`}</Chip>
    </button>
  );
}

function Row({ session, row, selected }: { session: ReadingSession; row: LesionRow; selected: boolean }) {
  const element = useRef<HTMLTableRowElement>(null);
  useEffect(() => {
    if (selected) element.current?.scrollIntoView({ block: 'nearest' });
  }, [selected]);
  const gone = row.status === 'deleted';
  return (
    <tr
      ref={element}
      className={classes(gone && css.deleted, row.provisional && !gone && css.provisional)}
      aria-selected={selected}
      data-testid={`lesion-${row.label}`}
      data-status={row.status}
      data-provisional={row.provisional}
      title={[row.site, TEXT.source[row.source], row.boundaryRule].filter(Boolean).join(' · ')}
      onClick={() => session.select(row.label)}
    >
      <td>
        <i className={css.swatch} style={{ background: cssColour(row.label) }} aria-hidden="true" />
        <span className={css.label}>{row.label}</span>
      </td>
      <td>
        {gone ? <RestoreChip session={session} row={row} /> : <Chip tone={TONES[row.status]}>{TEXT.status[row.status]}</Chip>}
      </td>
      <td className={css.number} data-testid="volume">
        {formatMl(row.volumeMl)}
      </td>
      <td className={css.number}>{formatNumber(row.suvMax, 1)}</td>
      <td className={css.number}>{formatNumber(row.suvPeak, 1)}</td>
      <td className={css.number}>{formatNumber(row.suvMean, 1)}</td>
      <td className={css.number}>{formatNumber(row.tlg, row.tlg !== null && row.tlg < 10 ? 1 : 0)}</td>
    </tr>
  );
}
