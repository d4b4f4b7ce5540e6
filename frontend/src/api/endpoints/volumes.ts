import { queryOptions, useQuery } from '@tanstack/react-query';

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
}

/** Address of a picture the server renders ("Research use only" is burned into it). */
export function renderUrl(id: string, query: RenderQuery): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) search.set(name, String(value));
  }
  return `/api/volumes/${id}/render.png?${search.toString()}`;
}
