import type { ReaderStudyRead } from '../../api/types';
import { Card } from '../../ui/Card';
import { Chip, type Tone } from '../../ui/Chip';
import { DASH, formatDateTime, formatMinutes } from '../../ui/format';
import { type Column, Table } from '../../ui/Table';
import css from './readerStudies.module.css';
import { text } from './text';

const TONES: Record<ReaderStudyRead['state'], Tone> = {
  not_opened: 'plain',
  open: 'accent',
  final: 'warn',
  submitted: 'ok',
  abandoned: 'bad',
};

export function ReadsTable({ reads, locked }: { reads: readonly ReaderStudyRead[]; locked: boolean }) {
  return (
    <Card title={text.reads} flush>
      <Table
        label={text.reads}
        columns={locked ? [...PLANNED, ...MEASURED] : PLANNED}
        rows={reads}
        rowKey={(read) => `${read.assignment} ${read.read ?? ''}`}
      />
    </Card>
  );
}

const { readColumns: heads } = text;

const PLANNED: readonly Column<ReaderStudyRead>[] = [
  { key: 'case', head: heads.case, cell: (read) => read.case_number, numeric: true, width: '60px' },
  { key: 'patient', head: heads.patient, cell: (read) => <b className={css.medium}>{read.pseudonym}</b> },
  { key: 'reader', head: heads.reader, cell: (read) => read.reader.name },
  { key: 'arm', head: heads.arm, cell: (read) => text.arms[read.arm] },
];

const MEASURED: readonly Column<ReaderStudyRead>[] = [
  { key: 'state', head: heads.state, cell: (read) => <Chip tone={TONES[read.state]}>{text.states[read.state]}</Chip> },
  { key: 'parts', head: heads.parts, cell: (read) => <Parts read={read} />, width: '170px' },
  { key: 'wall', head: heads.wall, cell: (read) => formatMinutes(read.wall_s), numeric: true },
  { key: 'active', head: heads.active, cell: (read) => formatMinutes(read.active_s), numeric: true },
  { key: 'actions', head: heads.actions, cell: (read) => read.actions ?? DASH, numeric: true },
  { key: 'row', head: heads.row, cell: (read) => read.row ?? DASH, numeric: true },
  { key: 'derived', head: heads.derived, cell: (read) => <Derived read={read} />, numeric: true },
  { key: 'submitted', head: heads.submitted, cell: (read) => formatDateTime(read.submitted_at) },
];

/** A derived row that is not the reader's stands out: it is where to look. */
function Derived({ read }: { read: ReaderStudyRead }) {
  if (read.derived_row === null) return DASH;
  const differs = read.row !== null && read.row !== read.derived_row;
  return <span className={differs ? css.differs : undefined}>{read.derived_row}</span>;
}

function Parts({ read }: { read: ReaderStudyRead }) {
  if (read.wall_s === null || read.active_s === null || read.wall_s <= 0) return null;
  const rest = Math.max(0, read.wall_s - read.active_s);
  const label = `${text.parts.active} ${formatMinutes(read.active_s)} min, ${text.parts.other} ${formatMinutes(rest)} min`;
  return (
    <span className={css.parts} role="img" aria-label={label} title={label}>
      <i style={{ flex: read.active_s, background: 'var(--accent)' }} />
      <i style={{ flex: rest, background: 'var(--line-strong)' }} />
    </span>
  );
}
