import type { KeyboardEvent, ReactNode } from 'react';

import { classes } from './classes';
import css from './ui.module.css';

export interface Column<Row> {
  key: string;
  head: ReactNode;
  cell: (row: Row) => ReactNode;
  /** Right-aligned tabular figures. */
  numeric?: boolean;
  wrap?: boolean;
  width?: string;
}

interface TableProps<Row> {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  /** Makes rows pressable by mouse, Enter and space. */
  onOpen?: ((row: Row) => void) | undefined;
  canOpen?: (row: Row) => boolean;
  selectedKey?: string | null;
}

export function Table<Row>({ label, columns, rows, rowKey, onOpen, canOpen = () => true, selectedKey }: TableProps<Row>) {
  const openProps = (row: Row) => {
    if (!onOpen || !canOpen(row)) return {};
    return {
      'data-open': true,
      tabIndex: 0,
      onClick: () => onOpen(row),
      onKeyDown: (event: KeyboardEvent) => {
        if (event.target !== event.currentTarget || (event.key !== 'Enter' && event.key !== ' ')) return;
        event.preventDefault();
        onOpen(row);
      },
    };
  };
  return (
    <div className={css.tableWrap}>
      <table className={css.table} aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.key} scope="col" className={column.numeric ? css.n : undefined} style={{ width: column.width }}>
                {column.head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)} data-row={rowKey(row)} aria-selected={selectedKey === rowKey(row) || undefined} {...openProps(row)}>
              {columns.map((column) => (
                <td key={column.key} className={classes(column.numeric && css.n, column.wrap && css.wrap)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
