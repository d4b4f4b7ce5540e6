import { useState } from 'react';

import { Button } from '../../../ui/Button';
import { Card } from '../../../ui/Card';
import { Chip } from '../../../ui/Chip';
import { type Column, Table } from '../../../ui/Table';
import css from './analysis.module.css';
import { heading, showCell, toCsv } from './cells';
import { download } from './download';
import type { Cell, ReportTable } from './report';
import { text } from './text';

interface NumberedRow {
  key: string;
  cells: readonly Cell[];
}

const FIRST_ROWS = 24;
const LONG_TEXT = 48;

/** One table of the report with its n, its analysis set, its notes and a download of the unrounded numbers. */
export function TableCard({ table }: { table: ReportTable }) {
  const [all, setAll] = useState(false);
  const rows = table.rows.map((cells, index): NumberedRow => ({ key: String(index), cells }));
  const shown = all ? rows : rows.slice(0, FIRST_ROWS);
  const save = () => download(`${table.key}.csv`, new Blob([toCsv(table)], { type: 'text/csv;charset=utf-8' }));
  return (
    <Card
      named
      title={table.title}
      className={css.card}
      actions={
        <span className={css.actions}>
          {table.is_synthetic && <Chip tone="warn">{text.synthetic}</Chip>}
          <span className={css.quiet}>{text.rows(table.n, table.analysis_set)}</span>
          <Button tone="quiet" onClick={save} aria-label={text.csvOf(table.title)}>
            {text.csv}
          </Button>
        </span>
      }
    >
      {rows.length === 0 ? <p className={css.quiet}>{text.empty}</p> : <Table label={table.title} columns={columnsOf(table)} rows={shown} rowKey={(row) => row.key} />}
      {shown.length < rows.length && (
        <Button tone="quiet" onClick={() => setAll(true)}>
          {text.all(rows.length)}
        </Button>
      )}
      {table.notes.map((note) => (
        <p key={note} className={css.note}>
          {note}
        </p>
      ))}
    </Card>
  );
}

function columnsOf(table: ReportTable): Column<NumberedRow>[] {
  return table.columns.map((column, index) => ({
    key: column.name,
    head: heading(column),
    numeric: column.kind !== 'text',
    wrap: column.kind === 'text' && table.rows.some((row) => String(row[index] ?? '').length > LONG_TEXT),
    cell: (row) => showCell(row.cells[index] ?? null, column),
  }));
}
