import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, unwrap } from '../client';
import type { NewReaderStudy, ReaderStudy } from '../types';

export const readerStudiesKey = ['reader-studies'] as const;
export const readerStudyKey = (id: string) => ['reader-study', id] as const;

export function useReaderStudies() {
  return useQuery({ queryKey: readerStudiesKey, queryFn: () => unwrap(api.GET('/api/reader-studies/')) });
}

export function useReaderStudy(id: string) {
  return useQuery({
    queryKey: readerStudyKey(id),
    queryFn: () => unwrap(api.GET('/api/reader-studies/{reader_study_id}/', { params: { path: { reader_study_id: id } } })),
    refetchInterval: 20_000,
  });
}

export function useCreateReaderStudy() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: NewReaderStudy) => unwrap(api.POST('/api/reader-studies/', { body })),
    onSuccess: (study: ReaderStudy) => {
      cache.setQueryData(readerStudyKey(study.id), study);
      void cache.invalidateQueries({ queryKey: readerStudiesKey });
    },
  });
}

export interface Lock {
  password: string;
  meaning: string;
  zone: string;
  /** What was previewed: the lock refuses another allocation. */
  allocation_digest?: string;
}

export function useLockPlan(id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: Lock) =>
      unwrap(api.POST('/api/reader-studies/{reader_study_id}/lock/', { params: { path: { reader_study_id: id } }, body })),
    onSuccess: (study: ReaderStudy) => {
      cache.setQueryData(readerStudyKey(id), study);
      void cache.invalidateQueries({ queryKey: readerStudyKey(id) });
      void cache.invalidateQueries({ queryKey: readerStudiesKey });
    },
  });
}

export const scoresCsvUrl = (id: string): string => `/api/reader-studies/${id}/scores.csv`;
