import type { Job, JobState } from './types';

/** What /ws/jobs/ says. Anything else is dropped: a newer server may say more than this page knows. */
export type JobMessage =
  | { type: 'jobs'; jobs: Job[] }
  | { type: 'job'; job: Job }
  | { type: 'worklist' };

const STATES: ReadonlySet<string> = new Set<JobState>(['queued', 'running', 'succeeded', 'failed', 'cancelled']);

type Check = (value: unknown) => boolean;
const text: Check = (value) => typeof value === 'string';
const flag: Check = (value) => typeof value === 'boolean';
const number: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const orNull = (check: Check): Check => (value) => value === null || check(value);
const share: Check = (value) => number(value) && Number(value) >= 0 && Number(value) <= 1;
const release: Check = (value) => isRecord(value) && text(value['id']) && text(value['name']);

// Typed by the key: a field the API gains or loses is a compile error here.
const JOB_FIELDS: Record<keyof Job, Check> = {
  id: text,
  study: text,
  pseudonym: text,
  volume: text,
  release,
  state: (value) => text(value) && STATES.has(String(value)),
  stage: text,
  progress: share,
  attempts: number,
  max_attempts: number,
  device: text,
  error_code: text,
  error_message: text,
  cancel_requested: flag,
  version: orNull(text),
  segmentation: orNull(text),
  created_at: text,
  started_at: orNull(text),
  finished_at: orNull(text),
  peak_memory_mb: orNull(number),
};

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isJob(value: unknown): value is Job {
  return isRecord(value) && Object.entries(JOB_FIELDS).every(([name, check]) => check(value[name]));
}

/** The message, or null when it is not one we know or one of its jobs is malformed. */
export function parseJobMessage(message: unknown): JobMessage | null {
  if (!isRecord(message)) return null;
  if (message['type'] === 'worklist') return { type: 'worklist' };
  const job = message['job'];
  if (message['type'] === 'job' && isJob(job)) return { type: 'job', job };
  const jobs = message['jobs'];
  if (message['type'] === 'jobs' && Array.isArray(jobs) && jobs.every(isJob)) return { type: 'jobs', jobs };
  return null;
}
