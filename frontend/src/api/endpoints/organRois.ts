import { api, unwrap } from '../client';
import type { NewOrganRoi, OrganRoi } from '../types';

/** Measures a sphere in an organ and the threshold that follows. Nothing is stored. */
export const postOrganRoi = (read: string, body: NewOrganRoi, signal: AbortSignal): Promise<OrganRoi> =>
  unwrap(api.POST('/api/reads/{read_id}/organ-rois/', { params: { path: { read_id: read } }, body, signal }));
