import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, unwrap } from '../client';

const releasesKey = ['releases'] as const;

export function useReleases({ enabled = true }: { enabled?: boolean } = {}) {
  return useQuery({ queryKey: releasesKey, queryFn: () => unwrap(api.GET('/api/releases/')), enabled });
}

export function useRegisterRelease() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: { name: string; folder: string }) => unwrap(api.POST('/api/releases/', { body })),
    onSuccess: () => cache.invalidateQueries({ queryKey: releasesKey }),
  });
}

export function useSetReleaseActive() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ id, is_active }: { id: string; is_active: boolean }) =>
      unwrap(api.PATCH('/api/releases/{release_id}/', { params: { path: { release_id: id } }, body: { is_active } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: releasesKey }),
  });
}
