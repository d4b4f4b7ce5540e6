import { queryOptions, useQuery } from '@tanstack/react-query';

import { api, unwrap } from '../client';

/** A version is immutable: once read it is never asked for again. */
export function versionOptions(id: string) {
  return queryOptions({
    queryKey: ['version', id],
    queryFn: () => unwrap(api.GET('/api/versions/{version_id}/', { params: { path: { version_id: id } } })),
    staleTime: Infinity,
  });
}

export function useVersion(id: string) {
  return useQuery(versionOptions(id));
}

export const labelsUrl = (id: string): string => `/api/versions/${id}/labels/`;
