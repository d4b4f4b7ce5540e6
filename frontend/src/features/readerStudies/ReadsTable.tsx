import { useNavigate } from 'react-router';

import { scoresCsvUrl } from '../../api/endpoints/readerStudies';
import type { ReaderStudyRead } from '../../api/types';
import { ButtonLink } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { Chip, type Tone } from '../../ui/Chip';
import { DASH, formatDateTime, formatMinutes } from '../../ui/format';
import { type Column, Table } from '../../ui/Table';
import css from './readerStudies.module.css';
import { PART_COLOURS } from './run/Timeline';
import { text as runText } from './run/text';
import { text } from './text';

const TONES: Record<ReaderStudyRead['state'], Tone> = {
  not_opened: 'plain',
  open: 'accent',
  final: 'warn',
  submitted: 'ok',
  abandoned: 'bad',
};

interface ReadsTableProps {
  studyId: string;
  reads: readonly ReaderStudyRead[];
  /** Results by arm may be seen: rows lead to the read's own page. */
  open: boolean;
}

export function ReadsTable({ studyId, reads, open }: ReadsTableProps) {
  const navigate = useNavigate();
  return (
    <Card
      title={text.reads}
      flush
      actions={
        open && (
          <ButtonLink href={scoresCsvUrl(studyId)} download>
            {text.csv}
          </ButtonLink>
        )
      }
    >
      <Table
        label={text.reads}
        columns={open ? [...PLANNED, STATE, ...MEASURED] : [...PLANNED, STATE]}
        rows={reads}
        rowKey={(read) => `${read.assignment} ${read.read ?? ''}`}
        canOpen={(read) => open && read.read !== null}
        onOpen={open ? (read) => void navigate(`/reader-studies/${studyId}/reads/${read.read}`) : undefined}
      />
    </Card>
  );
}

const { readColumns: heads } = text;

const PLANNED: readonly Column<ReaderStudyRead>[] = [
  { key: 'case', head: heads.case, cell: (read) => read.case_number, numeric: true, width: '60px' },
  { key: 'patient', head: heads.patient, cell: (read) => <b className={css.medium}>{read.pseudonym}</b> },
  { key: 'reader', head: heads.reader, cell: (read) => read.reader.name },
  { key: 'period', head: heads.period, cell: (read) => (read.role === 'training' ? heads.training : read.period), numeric: true },
];

const STATE: Column<ReaderStudyRead> = {
  key: 'state',
  head: heads.state,
  cell: (read) => (
    <>
      <Chip tone={TONES[read.state]}>{text.states[read.state]}</Chip> {read.attempt !== null && read.attempt > 1 && <Chip tone="warn">{text.attempt(read.attempt)}</Chip>}
      {read.flags.length > 0 && <Chip tone="warn">{read.flags.map((flag) => runText.flagNames[flag] ?? flag).join(', ')}</Chip>}
    </>
  ),
};

const MEASURED: readonly Column<ReaderStudyRead>[] = [
  { key: 'arm', head: heads.arm, cell: (read) => (read.arm === null ? DASH : text.arms[read.arm]) },
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

const PARTS = ['active', 'computing', 'loading', 'hidden', 'idle', 'paused'] as const;

/** All parts of the wall time side by side: they add up to it exactly. */
function Parts({ read }: { read: ReaderStudyRead }) {
  const { clock } = read;
  if (clock === null || clock.wall_s <= 0) return null;
  const label = PARTS.map((part) => `${runText.parts[part]} ${formatMinutes(clock[`${part}_s`])} min`).join(', ');
  return (
    <span className={css.parts} role="img" aria-label={label} title={label}>
      {PARTS.map((part) => (
        <i key={part} style={{ flex: clock[`${part}_s`], background: PART_COLOURS[part] }} />
      ))}
    </span>
  );
}
