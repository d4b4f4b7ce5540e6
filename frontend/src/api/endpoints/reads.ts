import { queryOptions, useQuery } from '@tanstack/react-query';

import { api, unwrap } from '../client';
import type { Edit, EventsStored, Read, ReadEvent, Version } from '../types';

export const readKey = (id: string) => ['read', id] as const;

export function readOptions(id: string) {
  return queryOptions({
    queryKey: readKey(id),
    queryFn: () => unwrap(api.GET('/api/reads/{id}/', { params: { path: { id } } })),
  });
}

export function useRead(id: string) {
  return useQuery(readOptions(id));
}

const at = (id: string) => ({ params: { path: { id } } });

/** Stores an edit as a new version. The same edit sent again gives the same version. */
export const postEdit = (read: string, body: Edit): Promise<Version> =>
  unwrap(api.POST('/api/reads/{id}/versions/', { ...at(read), body }));

/** At most 500 events a call; known ones are counted, not stored twice. */
export const postEvents = (read: string, events: ReadEvent[]): Promise<EventsStored> =>
  unwrap(api.POST('/api/reads/{id}/events/', { ...at(read), body: { events } }));

export const postFinal = (read: string, body: { head: string; event_count: number }): Promise<Read> =>
  unwrap(api.POST('/api/reads/{id}/final/', { ...at(read), body }));

export const postResume = (read: string): Promise<Read> => unwrap(api.POST('/api/reads/{id}/resume/', at(read)));

export const postScore = (
  read: string,
  body: { row: number; confidence?: number | null; comment?: string },
): Promise<Read> => unwrap(api.POST('/api/reads/{id}/score/', { ...at(read), body }));

export const postSubmit = (read: string, body: { head: string; event_count: number }): Promise<Read> =>
  unwrap(api.POST('/api/reads/{id}/submit/', { ...at(read), body }));
