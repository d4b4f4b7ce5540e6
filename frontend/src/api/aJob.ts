import type { Job } from './types';

/** A job as the server tells of it; for tests. */
export function aJob(part: Partial<Job> = {}): Job {
  return {
    id: 'job-1',
    study: 'study-1',
    pseudonym: 'PT-0001',
    volume: 'volume-1',
    release: { id: 'release-1', name: 'demo' },
    state: 'running',
    stage: 'predicting',
    progress: 0.25,
    attempts: 1,
    max_attempts: 3,
    device: 'cpu',
    error_code: '',
    error_message: '',
    cancel_requested: false,
    version: null,
    segmentation: null,
    created_at: '2026-11-02T10:00:00Z',
    started_at: '2026-11-02T10:00:01Z',
    finished_at: null,
    peak_memory_mb: null,
    ...part,
  };
}
