import { keepPreviousData, useQuery } from '@tanstack/react-query';

import { api, unwrap } from '../client';

export const studiesKey = ['studies'] as const;
export const studyKey = (id: string) => ['study', id] as const;

/** Empty strings mean "all". */
export function useStudies({ project, search }: { project: string; search: string }) {
  const query = { ...(project ? { project } : {}), ...(search ? { search } : {}) };
  return useQuery({
    queryKey: [...studiesKey, project, search],
    queryFn: ({ signal }) => unwrap(api.GET('/api/studies/', { params: { query }, signal })),
    placeholderData: keepPreviousData,
  });
}

export function useStudy(id: string) {
  return useQuery({
    queryKey: studyKey(id),
    queryFn: () => unwrap(api.GET('/api/studies/{study_id}/', { params: { path: { study_id: id } } })),
  });
}
