import { useQuery } from '@tanstack/react-query';

import { api, unwrap } from '../client';
import type { ExportPart, ExportTableFormat, StudyExport } from '../types';

export const studyExportsKey = (study: string) => ['studyExports', study] as const;

const ENDED = new Set<StudyExport['state']>(['done', 'failed', 'cancelled']);

export const isEnded = (one: StudyExport): boolean => ENDED.has(one.state);

/** Newest first; asked once a second while one is being made, because nobody announces its progress. */
export function useStudyExports(study: string) {
  return useQuery({
    queryKey: studyExportsKey(study),
    queryFn: () =>
      unwrap(api.GET('/api/reader-studies/{reader_study_id}/exports/', { params: { path: { reader_study_id: study } } })),
    refetchInterval: (query) => (query.state.data?.every(isEnded) ?? true ? false : 1000),
  });
}

export const createStudyExport = (
  study: string,
  wish: { parts: ExportPart[]; formats: ExportTableFormat[] },
): Promise<StudyExport> =>
  unwrap(
    api.POST('/api/reader-studies/{reader_study_id}/exports/', {
      params: { path: { reader_study_id: study } },
      body: wish,
    }),
  );

export const cancelStudyExport = (id: string): Promise<StudyExport> =>
  unwrap(api.POST('/api/exports/{export_id}/cancel/', { params: { path: { export_id: id } } }));

/** Download of the package; the server writes it into the audit. */
export const studyExportUrl = (id: string): string => `/api/exports/${id}/file/`;
