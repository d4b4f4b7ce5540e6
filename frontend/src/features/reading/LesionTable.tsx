import { type CSSProperties, type KeyboardEvent, memo, type MouseEvent, type ReactNode, useEffect, useRef } from 'react';

import type { Codes } from '../../api/types';
import { Chip, type Tone } from '../../ui/Chip';
import { classes } from '../../ui/classes';
import { EmptyState } from '../../ui/EmptyState';
import { formatMl, formatNumber } from '../../ui/format';
import { cssColour } from '../../viewer/colours';
import { DISAGREEMENT_TEXT } from './compare/text';
import { keepFocus } from './keepFocus';
import { deltaMl, pressed, sortedRows } from './lesionSort';
import css from './lesionTable.module.css';
import { useStateOf } from './Panes';
import type { ReadingSession } from './session';
import type { LesionRow, SortKey, TableSort } from './state';
import { TEXT } from './text';
import { siteName, useCodes } from './tools/codes';

const TONES: Record<LesionRow['status'], Tone> = { kept: 'plain', edited: 'accent', added: 'ok', deleted: 'bad' };
const WORDS: readonly SortKey[] = ['site', 'source', 'rule'];
const T = TEXT.columns;

interface Column {
  readonly key: SortKey;
  readonly name: string;
  readonly title: string;
  /** Gives its place away where the panel is narrow: always, or when there is one column more. */
  readonly folds?: 'narrow' | 'narrower';
}

const NUMBERS: readonly Column[] = [
  { key: 'volumeMl', name: T.ml, title: T.ml },
  { key: 'deltaMl', name: T.delta, title: T.deltaTitle },
  { key: 'suvMax', name: T.max, title: 'SUVmax', folds: 'narrower' },
  { key: 'suvPeak', name: T.peak, title: 'SUVpeak' },
  { key: 'suvMean', name: T.mean, title: 'SUVmean' },
  { key: 'tlg', name: T.tlg, title: T.tlg, folds: 'narrow' },
];
const DISAGREEMENT: Column = { key: 'disagreement', name: DISAGREEMENT_TEXT.column, title: DISAGREEMENT_TEXT.columnTitle };

/** Every lesion with what is known of it. Rows and images are linked both ways; the arrows walk through it. */
export function LesionTable({ session }: { session: ReadingSession }) {
  const rows = useStateOf(session, (s) => s.rows);
  const startMl = useStateOf(session, (s) => s.startMl);
  const disagreement = useStateOf(session, (s) => s.disagreement);
  const tableSort = useStateOf(session, (s) => s.tableSort);
  const selected = useStateOf(session, (s) => s.selected);
  const scored = useStateOf(session, (s) => s.read.scored);
  const open = useStateOf(session, (s) => s.read.state === 'open');
  const codes = useCodes();
  if (rows.length === 0) {
    return (
      <div className={css.table} data-testid="lesion-table">
        <EmptyState title={TEXT.noLesionsTitle}>{scored ? TEXT.noLesionsAi : TEXT.noLesions}</EmptyState>
      </div>
    );
  }
  const columns = disagreement === null ? NUMBERS : [...NUMBERS, DISAGREEMENT];
  const tight = disagreement !== null;
  const counts = { '--numbers': columns.length, '--numbers-narrow': columns.filter((one) => !foldsIn(one, tight)).length };
  const ordered = sortedRows({ rows, startMl, disagreement, tableSort });
  return (
    <div
      className={css.table}
      style={counts as CSSProperties}
      role="grid"
      aria-label={TEXT.lesionTable}
      aria-rowcount={ordered.length}
      aria-activedescendant={selected === null ? undefined : `lesion-row-${selected}`}
      tabIndex={0}
      data-testid="lesion-table"
      onKeyDown={(event) => walk(event, session, ordered, selected)}
    >
      <Head columns={columns} tight={tight} sort={tableSort} onSort={(by) => session.state.set({ tableSort: pressed(tableSort, by) })} />
      {ordered.map((row) => (
        <Row
          key={row.label}
          session={session}
          row={row}
          delta={deltaMl(row, startMl)}
          share={disagreement?.get(row.label) ?? null}
          columns={columns}
          tight={tight}
          selected={row.label === selected}
          open={open}
          codes={codes}
        />
      ))}
      <Totals session={session} columns={columns} tight={tight} rows={rows} startMl={startMl} />
    </div>
  );
}

const foldsIn = ({ folds }: Pick<Column, 'folds'>, tight: boolean): boolean => folds === 'narrow' || (folds === 'narrower' && tight);
const foldOf = (folds: Column['folds'], tight: boolean): object => (folds !== undefined && foldsIn({ folds }, tight) ? { 'data-fold': true } : {});

/** Arrows, Home and End move the selection, and the planes with it. */
function walk(event: KeyboardEvent, session: ReadingSession, ordered: readonly LesionRow[], selected: number | null): void {
  const last = ordered.length - 1;
  const at = ordered.findIndex((row) => row.label === selected);
  const targets: Record<string, number> = { ArrowDown: Math.min(last, at + 1), ArrowUp: at < 0 ? last : Math.max(0, at - 1), Home: 0, End: last };
  const row = ordered[targets[event.key] ?? -1];
  if (row === undefined || event.target instanceof HTMLButtonElement) return;
  event.preventDefault();
  event.stopPropagation();
  session.select(row.label);
}

interface HeadProps {
  columns: readonly Column[];
  tight: boolean;
  sort: TableSort;
  onSort: (by: SortKey) => void;
}

function Head({ columns, tight, sort, onSort }: HeadProps) {
  const button = (key: SortKey, name: string, title = name): ReactNode => (
    <button type="button" className={css.sort} title={title} data-on={sort.by === key} data-testid={`sort-${key}`} onMouseDown={keepFocus} onClick={() => onSort(key)}>
      {name}
      {sort.by === key ? (sort.down ? ' ↓' : ' ↑') : ''}
    </button>
  );
  const order = (key: SortKey): 'ascending' | 'descending' | 'none' => (sort.by === key ? (sort.down ? 'descending' : 'ascending') : 'none');
  return (
    <div className={classes(css.row, css.head)} role="row">
      <span role="columnheader" aria-sort={order('label')}>
        {button('label', T.number)}
      </span>
      <span role="columnheader" aria-sort={order('status')}>
        {button('status', T.status)}
      </span>
      {columns.map(({ key, name, title, folds }) => (
        <span key={key} className={css.number} role="columnheader" aria-sort={order(key)} {...foldOf(folds, tight)}>
          {button(key, name, title)}
        </span>
      ))}
      <span className={css.words} role="columnheader">
        {WORDS.map((key) => (
          <span key={key}>{button(key, T[key as 'site' | 'source' | 'rule'])}</span>
        ))}
      </span>
    </div>
  );
}

interface RowProps {
  session: ReadingSession;
  row: LesionRow;
  delta: number;
  share: number | null;
  columns: readonly Column[];
  tight: boolean;
  selected: boolean;
  open: boolean;
  codes: Codes | undefined;
}

const Row = memo(function Row({ session, row, delta, share, columns, tight, selected, open, codes }: RowProps) {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (selected) element.current?.scrollIntoView({ block: 'nearest' });
  }, [selected]);
  const gone = row.status === 'deleted';
  const detail = detailOf(row, selected, codes);
  return (
    <div
      ref={element}
      id={`lesion-row-${row.label}`}
      className={classes(css.row, css.body, gone && css.deleted, row.provisional && !gone && css.provisional)}
      role="row"
      aria-selected={selected}
     
      data-testid={`lesion-${row.label}`}
      data-status={row.status}
      data-provisional={row.provisional}
      title={[TEXT.source[row.source], row.boundaryRule].filter(Boolean).join(' · ')}
      onMouseDown={keepFocus}
      onClick={() => session.select(row.label)}
    >
      <span role="gridcell">
        <i className={css.swatch} style={{ background: cssColour(row.label) }} aria-hidden="true" />
        <span className={css.label}>{row.label}</span>
      </span>
      <span className={css.state} role="gridcell">
        <span className={css.source} title={TEXT.source[row.source]} data-testid="source">
          {TEXT.sourceShort[row.source]}
        </span>
        <Status session={session} row={row} open={open} />
      </span>
      {columns.map(({ key, folds }) => (
        <span
          key={key}
          role="gridcell"
          className={classes(css.number, key === 'deltaMl' && css.delta, key === 'deltaMl' && isNothing(delta) && css.none)}
          data-testid={CELL_IDS[key]}
          {...foldOf(folds, tight)}
        >
          {cellOf(key, row, delta, share)}
        </span>
      ))}
      {detail !== '' && (
        <span className={css.detail} role="gridcell" data-testid="detail">
          {detail}
        </span>
      )}
    </div>
  );
});

const CELL_IDS: Partial<Record<SortKey, string>> = { volumeMl: 'volume', deltaMl: 'delta', disagreement: 'disagreement', tlg: 'tlg' };

/** What the map can hold of a difference: less than that is none. */
const isNothing = (delta: number): boolean => Math.abs(delta) < 1e-6;

function cellOf(key: SortKey, row: LesionRow, delta: number, share: number | null): string {
  switch (key) {
    case 'volumeMl':
      return tableMl(row.volumeMl);
    case 'deltaMl':
      return signedMl(delta);
    case 'suvMax':
    case 'suvPeak':
    case 'suvMean':
      return formatNumber(row[key], 1);
    case 'tlg':
      return formatTlg(row.tlg);
    default:
      return formatNumber(share, 2);
  }
}

/** A litre and more is read without its tenths: the column stays narrow. */
const tableMl = (ml: number): string => (Math.abs(ml) >= 1000 ? formatNumber(ml, 0) : formatMl(ml));
const signedMl = (delta: number): string => (isNothing(delta) ? '0' : `${delta > 0 ? '+' : ''}${tableMl(delta)}`);
const formatTlg = (tlg: number | null): string => formatNumber(tlg, tlg !== null && tlg < 10 ? 1 : 0);

/** Site and class of every lesion that has them; the rest of what is known of the selected one. */
function detailOf(row: LesionRow, selected: boolean, codes: Codes | undefined): string {
  const known = [
    row.site ? siteName(row.site, codes?.sites ?? []) : row.name,
    row.physiologicalClass ? TEXT.physiological(codes?.classes.find((one) => one.key === row.physiologicalClass)?.label ?? row.physiologicalClass) : '',
  ];
  const more = selected
    ? [
        TEXT.source[row.source],
        row.boundaryRule,
        row.suvSd === null ? '' : `${T.mean} ${formatNumber(row.suvMean, 2)} ± ${formatNumber(row.suvSd, 2)}`,
        row.suvMax === null ? '' : `${T.max} ${formatNumber(row.suvMax, 2)}`,
        row.tlg === null ? '' : `${T.tlg} ${formatTlg(row.tlg)}`,
        row.comment,
      ]
    : [];
  return [...known, ...more].filter(Boolean).join(' · ');
}

/** "deleted" is the way back, too. */
function Status({ session, row, open }: { session: ReadingSession; row: LesionRow; open: boolean }) {
  if (row.status !== 'deleted') return <Chip tone={TONES[row.status]}>{TEXT.status[row.status]}</Chip>;
  const [word, tone]: [string, Tone] = row.physiologicalClass ? [TEXT.physiologicalShort, 'warn'] : [TEXT.status.deleted, 'bad'];
  if (!open) return <Chip tone={tone}>{word}</Chip>;
  const restore = (event: MouseEvent): void => {
    event.stopPropagation();
    void session.lesions.restore(row.label);
  };
  return (
    <button
      type="button"
      className={css.restore}
      aria-label={TEXT.restoreLesion(row.label)}
      title={TEXT.restoreLesion(row.label)}
      data-testid={`restore-${row.label}`}
      onMouseDown={keepFocus}
      onClick={restore}
    >
      <Chip tone={tone}>{`${word} ↩`}</Chip>
    </button>
  );
}

interface TotalsProps {
  session: ReadingSession;
  columns: readonly Column[];
  tight: boolean;
  rows: readonly LesionRow[];
  startMl: ReadonlyMap<number, number>;
}

/** The sums, and the highest of what cannot be added up. */
function Totals({ session, columns, tight, rows, startMl }: TotalsProps) {
  const summary = useStateOf(session, (s) => s.summary);
  const delta = rows.reduce((sum, row) => sum + deltaMl(row, startMl), 0);
  const peaks = rows.flatMap((row) => (row.status === 'deleted' || row.suvPeak === null ? [] : [row.suvPeak]));
  const texts: Partial<Record<SortKey, string>> = {
    volumeMl: tableMl(summary.ttvMl),
    deltaMl: signedMl(delta),
    suvMax: formatNumber(summary.suvMax, 1),
    suvPeak: formatNumber(peaks.length > 0 ? Math.max(...peaks) : null, 1),
    tlg: formatTlg(summary.tlg),
  };
  return (
    <div className={classes(css.row, css.total)} role="row" data-testid="lesion-totals">
      <span role="gridcell">{summary.count}</span>
      <span role="gridcell">{TEXT.total}</span>
      {columns.map(({ key, folds }) => (
        <span key={key} className={css.number} role="gridcell" data-testid={`total-${key}`} {...foldOf(folds, tight)}>
          {texts[key] ?? ''}
        </span>
      ))}
    </div>
  );
}
