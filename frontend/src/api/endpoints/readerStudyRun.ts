import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, unwrap } from '../client';
import type { Answer } from '../types';
import { readerStudiesKey, readerStudyKey } from './readerStudies';

export type StudyProgress = Answer<'Progress'>;
export type Flag = StudyProgress['flags'][number];
export type ReadTimeline = Answer<'Timeline'>;
export type ReadDifferences = Answer<'Differences'>;

const of = (id: string) => ({ params: { path: { reader_study_id: id } } });

export function useProgress(id: string) {
  return useQuery({ queryKey: [...readerStudyKey(id), 'progress'], queryFn: () => unwrap(api.GET('/api/reader-studies/{reader_study_id}/progress/', of(id))) });
}

/** The progress in a message of the study's socket; null for any other message. */
export function parseProgress(message: unknown): StudyProgress | null {
  if (typeof message !== 'object' || message === null) return null;
  const { type, progress } = message as { type?: unknown; progress?: unknown };
  if (type !== 'progress' || typeof progress !== 'object' || progress === null) return null;
  const wanted: readonly (keyof StudyProgress)[] = ['at', 'totals', 'readers', 'pooled', 'flags', 'waiting', 'looks'];
  return wanted.every((name) => name in progress) ? (progress as StudyProgress) : null;
}

function useStudyChange<Body>(id: string, change: (body: Body) => Promise<unknown>) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: readerStudyKey(id) });
      void cache.invalidateQueries({ queryKey: readerStudiesKey });
    },
  });
}

export function useLockData(id: string) {
  return useStudyChange(id, (body: { password: string; meaning: string; zone: string }) =>
    unwrap(api.POST('/api/reader-studies/{reader_study_id}/data-lock/', { ...of(id), body })),
  );
}

export function useTakeLook(id: string) {
  return useStudyChange(id, (body: { number: number; reason: string }) => unwrap(api.POST('/api/reader-studies/{reader_study_id}/looks/', { ...of(id), body })));
}

interface Departure {
  assignment: string;
  reason: string;
}

export function useReopenAssignment(id: string) {
  return useStudyChange(id, ({ assignment, reason }: Departure) =>
    unwrap(api.POST('/api/assignments/{assignment_id}/reopen/', { params: { path: { assignment_id: assignment } }, body: { reason } })),
  );
}

export function useAbandonAssignment(id: string) {
  return useStudyChange(id, ({ assignment, reason }: Departure) =>
    unwrap(api.POST('/api/assignments/{assignment_id}/abandon/', { params: { path: { assignment_id: assignment } }, body: { reason } })),
  );
}

export function useTimeline(read: string) {
  return useQuery({ queryKey: ['read-timeline', read], queryFn: () => unwrap(api.GET('/api/reads/{read_id}/timeline/', { params: { path: { read_id: read } } })) });
}

export function useDifferences(read: string) {
  return useQuery({ queryKey: ['read-differences', read], queryFn: () => unwrap(api.GET('/api/reads/{read_id}/differences/', { params: { path: { read_id: read } } })) });
}
