import { api, unwrap } from '../client';
import type { Proposal, Question } from '../types';

/** Computes a method on a stored version; nothing is stored. */
export const postProposal = (read: string, body: Question, signal: AbortSignal): Promise<Proposal> =>
  unwrap(api.POST('/api/reads/{read_id}/proposals/', { params: { path: { read_id: read } }, body, signal }));
