import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, unwrap } from '../client';

/** A Volume never changes; only its SUV record may get a new revision. */
export function volumeOptions(id: string) {
  return queryOptions({
    queryKey: ['volume', id],
    queryFn: () => unwrap(api.GET('/api/volumes/{volume_id}/', { params: { path: { volume_id: id } } })),
    staleTime: 60_000,
  });
}

export function useVolume(id: string) {
  return useQuery(volumeOptions(id));
}

const revisionsKey = (id: string) => ['suv-revisions', id] as const;

export type SuvCorrections = Readonly<Record<string, string | number>>;

/** Who corrected what and why, newest first; for data managers of the project only. */
export function useSuvRevisions(id: string, { enabled }: { enabled: boolean }) {
  return useQuery({
    queryKey: revisionsKey(id),
    queryFn: () => unwrap(api.GET('/api/volumes/{volume_id}/suv-revisions/', { params: { path: { volume_id: id } } })),
    enabled,
  });
}

/** What corrections would give; nothing is stored. Null asks nothing. */
export function useSuvPreview(id: string, corrections: SuvCorrections | null) {
  return useQuery({
    queryKey: ['suv-preview', id, corrections],
    queryFn: () =>
      unwrap(
        api.POST('/api/volumes/{volume_id}/suv-revisions/preview/', {
          params: { path: { volume_id: id } },
          body: { corrections: { ...corrections } },
        }),
      ),
    enabled: corrections !== null,
    retry: false,
  });
}

export function useCorrectSuv(id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: { corrections: SuvCorrections; reason: string; based_on: number }) =>
      unwrap(
        api.POST('/api/volumes/{volume_id}/suv-revisions/', {
          params: { path: { volume_id: id } },
          body: { ...body, corrections: { ...body.corrections } },
        }),
      ),
    // Also after a refusal: somebody else may have corrected it.
    onSettled: () =>
      Promise.all(
        [['volume', id], revisionsKey(id), ['study'], ['studies']].map((queryKey) => cache.invalidateQueries({ queryKey })),
      ),
  });
}

export const voxelsUrl = (id: string): string => `/api/volumes/${id}/voxels/`;
export const mipUrl = (id: string): string => `/api/volumes/${id}/mip/`;

export interface RenderQuery {
  plane: 'axial' | 'coronal' | 'sagittal' | 'mip';
  index?: number;
  angle?: number;
  lower?: number;
  upper?: number;
  version?: string;
  ct?: string;
  fusion?: number;
  size?: number;
  /** Default: the newest; named, so that no picture of an earlier one is shown from the browser's cache. */
  suv_revision?: string;
}

/** Address of a picture the server renders ("Research use only" is burned into it). */
export function renderUrl(id: string, query: RenderQuery): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) search.set(name, String(value));
  }
  return `/api/volumes/${id}/render.png?${search.toString()}`;
}
