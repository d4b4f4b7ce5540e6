import { type QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, unwrap } from '../client';
import type { Job, NewJob } from '../types';
import { studiesKey, studyKey } from './studies';

export const jobsKey = ['jobs'] as const;

/** All jobs the user may see; the socket keeps them live, so they are asked for once. */
export function useJobs({ enabled = true }: { enabled?: boolean } = {}) {
  return useQuery({
    queryKey: jobsKey,
    queryFn: () => unwrap(api.GET('/api/jobs/')),
    staleTime: 30_000,
    enabled,
  });
}

export function isUnfinished(job: Job): boolean {
  return job.state === 'queued' || job.state === 'running';
}

/** Study id -> its newest job. */
export function latestJobs(jobs: readonly Job[]): Map<string, Job> {
  const latest = new Map<string, Job>();
  for (const job of jobs) {
    const known = latest.get(job.study);
    if (known === undefined || job.created_at > known.created_at) latest.set(job.study, job);
  }
  return latest;
}

/** The list with one job put in or replaced; newest first, as the server orders it. */
export function mergeJob(jobs: readonly Job[] | undefined, job: Job): Job[] {
  const others = (jobs ?? []).filter((known) => known.id !== job.id);
  return [job, ...others].sort((a, b) => (a.created_at < b.created_at ? 1 : -1));
}

/** What the socket says when it opens: newer words on jobs already known, and new ones. */
export function rememberJobs(cache: QueryClient, jobs: readonly Job[]): void {
  cache.setQueryData<Job[]>(jobsKey, (known) => jobs.reduce<Job[]>((list, job) => mergeJob(list, job), known ?? []));
}

/** Puts what the server said of a job into the cache; a finished job has made a segmentation. */
export function rememberJob(cache: QueryClient, job: Job): void {
  cache.setQueryData<Job[]>(jobsKey, (jobs) => mergeJob(jobs, job));
  if (job.state !== 'succeeded') return;
  void cache.invalidateQueries({ queryKey: studyKey(job.study) });
  void cache.invalidateQueries({ queryKey: studiesKey });
}

export function useStartJob() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: NewJob) => unwrap(api.POST('/api/jobs/', { body })),
    onSuccess: (job) => rememberJob(cache, job),
  });
}

export function useCancelJob() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => unwrap(api.POST('/api/jobs/{job_id}/cancel/', { params: { path: { job_id: id } } })),
    onSuccess: (job) => rememberJob(cache, job),
  });
}
