import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, unwrap } from '../client';
import type { Answer, Schemas } from '../types';
import { readerStudiesKey, readerStudyKey } from './readerStudies';

export type Plan = Answer<'WholePlan'>;
export type Candidate = Answer<'Candidate'>;
export type Preview = Answer<'Preview'>;
export type PreviewRow = Preview['rows'][number];
export type Planted = Answer<'Planted'>;
export type PlanChange = Schemas['PatchedPlanChangeRequest'];
export type SampleSizeQuestion = Schemas['SampleSizeQuestionRequest'];

const planKey = (id: string) => [...readerStudyKey(id), 'plan'] as const;
const of = (id: string) => ({ params: { path: { reader_study_id: id } } });

/** The schema knows no body of a DELETE; this one names the revision that is dropped. */
const bodyOf = (body: { revision: number }): object => ({ body });

export function usePlan(id: string) {
  return useQuery({ queryKey: planKey(id), queryFn: () => unwrap(api.GET('/api/reader-studies/{reader_study_id}/plan/', of(id))), staleTime: Infinity });
}

export function usePatchPlan(id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: PlanChange) => unwrap(api.PATCH('/api/reader-studies/{reader_study_id}/plan/', { ...of(id), body })),
    onSuccess: (plan) => cache.setQueryData(planKey(id), plan),
  });
}

export function useDropDraft(id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (revision: number) => unwrap(api.DELETE('/api/reader-studies/{reader_study_id}/plan/', { ...of(id), ...bodyOf({ revision }) })),
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: readerStudyKey(id) });
      void cache.invalidateQueries({ queryKey: readerStudiesKey });
    },
  });
}

/** The allocation as the lock would store it; asked for again at each stored change. */
export function usePreview(id: string, revision: number) {
  return useQuery({
    queryKey: [...planKey(id), 'preview', revision],
    queryFn: () => unwrap(api.GET('/api/reader-studies/{reader_study_id}/preview/', of(id))),
    placeholderData: keepPreviousData,
  });
}

export function useCandidates(project: string, search: string) {
  return useQuery({
    queryKey: ['candidates', project, search],
    queryFn: () => unwrap(api.GET('/api/reader-studies/candidates/', { params: { query: { project, search } } })),
    placeholderData: keepPreviousData,
  });
}

export function usePlantErrors(id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas['NewPlantedRequest']) => unwrap(api.POST('/api/reader-studies/{reader_study_id}/planted/', { ...of(id), body })),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['candidates'] }),
  });
}

export function useAmendPlan(id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (reason: string) => unwrap(api.POST('/api/reader-studies/{reader_study_id}/amend/', { ...of(id), body: { reason } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: readerStudyKey(id) }),
  });
}

export function useSampleSize() {
  return useMutation({ mutationFn: (body: SampleSizeQuestion) => unwrap(api.POST('/api/sample-size/', { body })) });
}
