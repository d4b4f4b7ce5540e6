import { api, fetchBytes, unwrap } from '../client';
import type { Comparison } from '../types';

/** What the own segmentation may be compared with: the server leaves out what the plan masks. */
export const fetchComparisons = (read: string, signal: AbortSignal): Promise<Comparison[]> =>
  unwrap(api.GET('/api/reads/{read_id}/comparisons/', { params: { path: { read_id: read } }, signal }));

/** Disagreement of the model's folds, a byte a voxel: 0..255 is 0..1. Asked for only where the read says there is some. */
export const fetchDisagreement = async (read: string, signal: AbortSignal): Promise<Uint8Array> =>
  new Uint8Array(await fetchBytes(`/api/reads/${read}/disagreement/`, signal));
