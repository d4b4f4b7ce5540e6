import { queryOptions, useQuery } from '@tanstack/react-query';

import { api, unwrap } from '../client';
import type { Arrived, Edit, EventsStored, Read, ReadEvent, ScoreGiven, Version } from '../types';

export const readKey = (id: string) => ['read', id] as const;

export function readOptions(id: string) {
  return queryOptions({
    queryKey: readKey(id),
    queryFn: () => unwrap(api.GET('/api/reads/{read_id}/', { params: { path: { read_id: id } } })),
  });
}

export function useRead(id: string) {
  return useQuery(readOptions(id));
}

const at = (id: string) => ({ params: { path: { read_id: id } } });

/** Stores an edit as a new version. The same edit sent again gives the same version. */
export const postEdit = (read: string, body: Edit): Promise<Version> =>
  unwrap(api.POST('/api/reads/{read_id}/versions/', { ...at(read), body }));

/** At most 500 events a call; known ones are counted, not stored twice. None at all only asks how the read stands. */
export const postEvents = (read: string, events: ReadEvent[], pageLoad: string | null = null): Promise<EventsStored> =>
  unwrap(api.POST('/api/reads/{read_id}/events/', { ...at(read), body: { events, page_load: pageLoad } }));

export const postFinal = (read: string, body: Arrived): Promise<Read> =>
  unwrap(api.POST('/api/reads/{read_id}/final/', { ...at(read), body }));

export const postResume = (read: string): Promise<Read> => unwrap(api.POST('/api/reads/{read_id}/resume/', at(read)));

export const postScore = (read: string, body: ScoreGiven): Promise<Read> => unwrap(api.POST('/api/reads/{read_id}/score/', { ...at(read), body }));

export const postSubmit = (read: string, body: Arrived): Promise<Read> =>
  unwrap(api.POST('/api/reads/{read_id}/submit/', { ...at(read), body }));
