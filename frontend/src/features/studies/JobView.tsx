import { isUnfinished, useCancelJob } from '../../api/endpoints/jobs';
import type { Job, JobState } from '../../api/types';
import { Button } from '../../ui/Button';
import { Chip, type Tone } from '../../ui/Chip';
import { formatPercent } from '../../ui/format';
import { ErrorNote } from '../../ui/Note';
import { Progress } from '../../ui/Progress';
import css from './studies.module.css';
import { text } from './text';

const TONES: Record<JobState, Tone> = {
  queued: 'plain',
  running: 'accent',
  succeeded: 'ok',
  failed: 'bad',
  cancelled: 'plain',
};

export function JobChip({ job }: { job: Job }) {
  const stopping = job.cancel_requested && isUnfinished(job);
  return (
    <Chip tone={stopping ? 'warn' : TONES[job.state]} dot={isUnfinished(job) && 'live'} title={job.error_message}>
      {stopping ? text.cancelling : text.jobStates[job.state]}
    </Chip>
  );
}

/** State and share in one table cell. */
export function JobCell({ job }: { job: Job | undefined }) {
  if (job === undefined) return null;
  return (
    <span className={css.jobCell}>
      <JobChip job={job} />
      {job.state === 'running' && <Progress share={job.progress} label={job.stage} />}
      {job.state === 'running' && <span>{formatPercent(job.progress)}</span>}
      {job.state === 'failed' && <code>{job.error_code}</code>}
    </span>
  );
}

/** The job under way: stage, share of tiles, and the way to stop it. */
export function RunningJob({ job }: { job: Job }) {
  const cancel = useCancelJob();
  const waiting = job.state === 'queued';
  return (
    <div className={css.running} role="status">
      <div className={css.runningHead}>
        <JobChip job={job} />
        <b>{waiting ? text.waitingWorker : job.stage}</b>
        <span className={css.quiet}>
          {job.release.name}
          {job.attempts > 1 && `, ${text.attempt(job.attempts)}`}
        </span>
        <span className={css.grow} />
        {!waiting && <b>{formatPercent(job.progress)}</b>}
        <Button busy={cancel.isPending} disabled={job.cancel_requested} onClick={() => cancel.mutate(job.id)}>
          {text.cancelJob}
        </Button>
      </div>
      <Progress share={waiting ? null : job.progress} label={job.stage || text.waitingWorker} />
      {cancel.isError && <ErrorNote title={text.cancelFailed} error={cancel.error} />}
    </div>
  );
}
