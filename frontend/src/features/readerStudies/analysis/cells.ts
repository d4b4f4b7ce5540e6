import { DASH } from '../../../ui/format';
import type { Cell, ReportColumn, ReportTable } from './report';

/** A cell as people read it; the page that `manage.py analyse` writes follows the same rules. */
export function showCell(cell: Cell, column: ReportColumn): string {
  if (cell === null) return DASH;
  if (typeof cell === 'string') return cell;
  if (column.kind === 'p') return cell < 0.001 ? '< 0.001' : cell.toFixed(3);
  if (column.kind === 'percent') return `${(100 * cell).toFixed(column.digits ?? 0)} %`;
  if (column.kind === 'integer' || column.digits === null) return String(cell);
  return cell.toFixed(column.digits);
}

export const heading = (column: ReportColumn): string => (column.unit ? `${column.title} (${column.unit})` : column.title);

/** Starts a formula in a spreadsheet: such a text gets a leading apostrophe. */
const FORMULA = /^[=+\-@\t\r]/;

/** The same cells as the CSV in the folder of `manage.py analyse`: unrounded, missing cells empty, synthetic data marked. */
export function toCsv(table: ReportTable): string {
  const header = table.columns.map((column) => column.name);
  const rows = table.rows.map((row) => row.map(csvCell));
  if (table.is_synthetic) {
    header.push('data');
    for (const row of rows) row.push('synthetic');
  }
  return [header, ...rows].map((row) => `${row.map(quote).join(',')}\r\n`).join('');
}

function csvCell(cell: Cell): string {
  if (cell === null) return '';
  return typeof cell === 'string' && FORMULA.test(cell) ? `'${cell}` : String(cell);
}

const quote = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
