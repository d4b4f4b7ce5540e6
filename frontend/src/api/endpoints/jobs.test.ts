import { QueryClient } from '@tanstack/react-query';
import { describe, expect, it } from 'vitest';

import { aJob } from '../aJob';
import type { Job } from '../types';
import { jobsKey, latestJobs, mergeJob, rememberJob, rememberJobs } from './jobs';

describe('jobs in the cache', () => {
  it('are replaced by newer words on them, newest job first', () => {
    const old = aJob({ id: 'a', created_at: '2026-01-01T00:00:00Z' });
    const list = mergeJob(mergeJob([old], aJob({ id: 'b' })), { ...old, progress: 0.9 });
    expect(list.map((job) => [job.id, job.progress])).toEqual([
      ['b', 0.25],
      ['a', 0.9],
    ]);
  });

  it('keep what the socket does not speak of', () => {
    const cache = new QueryClient();
    cache.setQueryData<Job[]>(jobsKey, [aJob({ id: 'a' }), aJob({ id: 'b' })]);
    rememberJobs(cache, [aJob({ id: 'b', progress: 0.5 })]);
    const found = cache.getQueryData<Job[]>(jobsKey) ?? [];
    expect(new Map(found.map((job) => [job.id, job.progress]))).toEqual(new Map([['a', 0.25], ['b', 0.5]]));
  });

  it('make the study be asked for again once one has succeeded', () => {
    const cache = new QueryClient();
    cache.setQueryData(['study', 'study-1'], {});
    rememberJob(cache, aJob({ state: 'running' }));
    expect(cache.getQueryState(['study', 'study-1'])?.isInvalidated).toBe(false);
    rememberJob(cache, aJob({ state: 'succeeded' }));
    expect(cache.getQueryState(['study', 'study-1'])?.isInvalidated).toBe(true);
  });

  it('of one study count by the newest', () => {
    const jobs = [
      aJob({ id: 'new', created_at: '2026-11-03T00:00:00Z' }),
      aJob({ id: 'old', created_at: '2026-11-01T00:00:00Z' }),
      aJob({ id: 'other', study: 'study-2' }),
    ];
    expect([...latestJobs(jobs)].map(([study, job]) => [study, job.id])).toEqual([
      ['study-1', 'new'],
      ['study-2', 'other'],
    ]);
  });
});
