import { useState } from 'react';

import type { Flag, StudyProgress } from '../../../api/endpoints/readerStudyRun';
import type { ReaderStudy } from '../../../api/types';
import { Button } from '../../../ui/Button';
import { Card, Stat } from '../../../ui/Card';
import { Chip, type Tone } from '../../../ui/Chip';
import { DASH, formatDateTime, formatMinutes } from '../../../ui/format';
import { ErrorNote, Note } from '../../../ui/Note';
import { Loading } from '../../../ui/EmptyState';
import { Progress } from '../../../ui/Progress';
import { type Column, Table } from '../../../ui/Table';
import { DataLockDialog } from './DataLockDialog';
import { LookDialog } from './LookDialog';
import css from './run.module.css';
import { text } from './text';
import { useLiveProgress } from './useLiveProgress';

/** The study while it runs: pooled over the arms, because nobody may see them apart before the data lock. */
export function ProgressTab({ study }: { study: ReaderStudy }) {
  const live = useLiveProgress(study.id);
  if (live.error) return <ErrorNote title={text.progressFailed} error={live.error} onRetry={live.retry} />;
  if (live.progress === null) return <Loading rows={8} />;
  return <Dashboard study={study} progress={live.progress} connected={live.connected} />;
}

interface DashboardProps {
  study: ReaderStudy;
  progress: StudyProgress;
  connected: boolean;
}

export function Dashboard({ study, progress, connected }: DashboardProps) {
  const { totals, pooled } = progress;
  const names = new Map(progress.readers.map((row) => [row.reader.id, row.reader.name]));
  return (
    <>
      <div className={css.twelve}>
        <Stat span={3} value={`${totals.submitted} / ${totals.assignments}`} label={text.submitted(totals)} />
        <Stat span={3} value={formatMinutes(pooled.median_active_s)} {...(pooled.median_active_s === null ? {} : { unit: 'min' })} label={text.pooled(pooled)} />
        <Stat span={3} value={progress.flags.length} label={text.flagged(progress.flags.length)} />
        <Stat span={3} value={progress.waiting.length} label={text.waiting(progress.waiting.length)} />
      </div>
      {!study.results_open && <Note title={text.closedTitle}>{text.closed}</Note>}
      <Card
        title={text.readers}
        flush
        actions={
          <Chip tone={connected ? 'ok' : 'warn'} dot={connected ? 'live' : true}>
            {connected ? text.live : text.notLive(formatDateTime(progress.at))}
          </Chip>
        }
      >
        <Table label={text.readers} columns={READERS} rows={progress.readers} rowKey={(row) => String(row.reader.id)} />
      </Card>
      {progress.flags.length > 0 && (
        <Card title={text.flags} flush>
          <Table label={text.flags} columns={flagColumns(names)} rows={progress.flags} rowKey={(flag) => `${flag.read} ${flag.flag}`} />
        </Card>
      )}
      {progress.waiting.length > 0 && (
        <Note tone="warn" title={text.waitingTitle}>
          {text.waitingCases(progress.waiting.map((one) => one.case_number))}
        </Note>
      )}
      <Looks study={study} progress={progress} />
    </>
  );
}

type ReaderRow = StudyProgress['readers'][number];

const TRAINING: Record<ReaderRow['training'], Tone> = { none: 'plain', pending: 'warn', passed: 'ok', failed: 'bad', exempted: 'accent' };

const READERS: readonly Column<ReaderRow>[] = [
  { key: 'reader', head: text.reader, cell: (row) => <b>{row.reader.name}</b> },
  {
    key: 'progress',
    head: text.progress,
    width: '260px',
    cell: (row) => (
      <span className={css.bar}>
        <Progress share={row.assignments === 0 ? 0 : row.submitted / row.assignments} label={`${text.progress}: ${row.reader.name}`} tone="ok" />
        {row.submitted} / {row.assignments}
      </span>
    ),
  },
  { key: 'open', head: text.open, numeric: true, cell: (row) => row.open },
  { key: 'abandoned', head: text.abandoned, numeric: true, cell: (row) => row.abandoned },
  { key: 'training', head: text.training, cell: (row) => (row.training === 'none' ? DASH : <Chip tone={TRAINING[row.training]}>{text.trainings[row.training]}</Chip>) },
  { key: 'last', head: text.last, cell: (row) => formatDateTime(row.last_submitted_at) },
  { key: 'next', head: text.next, cell: (row) => formatDateTime(row.next_opens_at) },
];

function flagColumns(names: ReadonlyMap<number, string>): Column<Flag>[] {
  return [
    { key: 'flag', head: text.flag, cell: (flag) => <Chip tone="warn">{text.flagNames[flag.flag] ?? flag.flag}</Chip> },
    { key: 'reader', head: text.reader, cell: (flag) => names.get(flag.reader) ?? flag.reader },
    { key: 'case', head: text.case, numeric: true, cell: (flag) => flag.case_number },
    { key: 'detail', head: text.detail, wrap: true, cell: (flag) => flag.detail },
  ];
}

function Looks({ study, progress }: { study: ReaderStudy; progress: StudyProgress }) {
  const [look, setLook] = useState<number | null>(null);
  const [locking, setLocking] = useState(false);
  return (
    <Card title={text.closing}>
      {progress.looks.map((one) => (
        <div key={one.number} className={css.look}>
          <b>{one.title}</b>
          <span className={css.quiet}>{text.lookAfter(one.after_submitted)}</span>
          {one.taken_at === null ? (
            <Button disabled={!one.reached} onClick={() => setLook(one.number)}>
              {text.takeLook}
            </Button>
          ) : (
            <span>{text.lookTaken(formatDateTime(one.taken_at), one.by ?? '')}</span>
          )}
        </div>
      ))}
      {study.data_locked_at === null ? (
        <div className={css.look}>
          <b>{text.dataLock}</b>
          <span className={css.quiet}>{text.dataLockHint}</span>
          <Button tone="danger" onClick={() => setLocking(true)}>
            {text.dataLockDo}
          </Button>
        </div>
      ) : (
        <p>{text.dataLocked(formatDateTime(study.data_locked_at))}</p>
      )}
      {look !== null && <LookDialog studyId={study.id} number={look} onClose={() => setLook(null)} />}
      {locking && <DataLockDialog study={study} totals={progress.totals} onClose={() => setLocking(false)} />}
    </Card>
  );
}
