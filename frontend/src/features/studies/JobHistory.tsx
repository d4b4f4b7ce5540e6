import type { Job } from '../../api/types';
import { Card } from '../../ui/Card';
import { DASH, formatDateTime, formatDuration, formatNumber } from '../../ui/format';
import { type Column, Table } from '../../ui/Table';
import { JobChip } from './JobView';
import css from './studies.module.css';
import { text } from './text';

function runSeconds(job: Job): number | null {
  if (job.started_at === null || job.finished_at === null) return null;
  return (Date.parse(job.finished_at) - Date.parse(job.started_at)) / 1000;
}

const COLUMNS: readonly Column<Job>[] = [
  { key: 'state', head: text.jobColumns.state, cell: (job) => <JobChip job={job} /> },
  { key: 'release', head: text.jobColumns.release, cell: (job) => job.release.name },
  { key: 'started', head: text.jobColumns.started, cell: (job) => formatDateTime(job.started_at ?? job.created_at) },
  { key: 'duration', head: text.jobColumns.duration, cell: (job) => formatDuration(runSeconds(job)), numeric: true },
  { key: 'device', head: text.jobColumns.device, cell: (job) => job.device || DASH },
  {
    key: 'memory',
    head: text.jobColumns.memory,
    cell: (job) => (job.peak_memory_mb === null ? DASH : `${formatNumber(job.peak_memory_mb, 0)} MB`),
    numeric: true,
  },
];

export function JobHistory({ jobs }: { jobs: readonly Job[] }) {
  if (jobs.length === 0) return null;
  return (
    <Card title={text.jobs} flush>
      <Table label={text.jobs} columns={COLUMNS} rows={jobs} rowKey={(job) => job.id} />
      {jobs
        .filter((job) => job.state === 'failed')
        .map((job) => (
          <p key={job.id} className={css.jobError}>
            {formatDateTime(job.finished_at)}: {job.error_message} <code>{job.error_code}</code>
          </p>
        ))}
    </Card>
  );
}
