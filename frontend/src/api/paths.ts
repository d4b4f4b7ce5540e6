/** Paths of the API in openapi-typescript's form. Interim: replaced by schema.gen.ts. */
import type * as T from './types';

interface Parameters<Q, P> {
  parameters: { query?: Q; path: P; header?: never; cookie?: never };
}
interface Answers<R> {
  responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': R } } };
}
type Get<R, P = never, Q = never> = ([P] extends [never]
  ? { parameters: { query?: Q; path?: never; header?: never; cookie?: never } }
  : Parameters<Q, P>) &
  Answers<R> & { requestBody?: never };
type Send<B, R, P = never> = ([P] extends [never]
  ? { parameters: { query?: never; path?: never; header?: never; cookie?: never } }
  : Parameters<never, P>) &
  Answers<R> &
  ([B] extends [never] ? { requestBody?: never } : { requestBody: { content: { 'application/json': B } } });

type Id = { id: string };
interface Item {
  parameters: { query?: never; header?: never; path?: never; cookie?: never };
}

export interface paths {
  '/api/session/': Item & {
    get: Get<T.Session>;
    post: Send<{ username: string; password: string }, T.Session>;
    delete: Send<never, undefined>;
  };
  '/api/users/': Item & { get: Get<T.User[]>; post: Send<T.NewUser, T.User> };
  '/api/users/{id}/': Item & { patch: Send<T.UserChange, T.User, { id: number }> };
  '/api/readers/': Item & { get: Get<T.SessionUser[]> };
  '/api/projects/': Item & {
    get: Get<T.Project[]>;
    post: Send<{ name: string; pseudonym_prefix: string }, T.Project>;
  };
  '/api/projects/{id}/attributes/': Item & { post: Send<never, T.AttributesResult, Id> };
  '/api/studies/': Item & { get: Get<T.StudySummary[], never, { project?: string; search?: string }> };
  '/api/studies/{id}/': Item & { get: Get<T.Study, Id> };
  '/api/volumes/{id}/': Item & { get: Get<T.Volume, Id> };
  '/api/versions/{id}/': Item & { get: Get<T.Version, Id> };
  '/api/imports/': Item & {
    get: Get<T.ImportRun[], never, { project?: string }>;
    post: Send<{ project: string }, T.ImportRun>;
  };
  '/api/imports/{id}/': Item & { get: Get<T.ImportRun, Id> };
  '/api/imports/{id}/start/': Item & { post: Send<never, T.ImportRun, Id> };
  '/api/imports/{id}/cancel/': Item & { post: Send<never, T.ImportRun, Id> };
  '/api/releases/': Item & { get: Get<T.Release[]>; post: Send<{ name: string; folder: string }, T.Release> };
  '/api/releases/{id}/': Item & { patch: Send<{ is_active: boolean }, T.Release, Id> };
  '/api/jobs/': Item & {
    get: Get<T.Job[], never, { study?: string; state?: T.JobState }>;
    post: Send<T.NewJob, T.Job>;
  };
  '/api/jobs/{id}/': Item & { get: Get<T.Job, Id> };
  '/api/jobs/{id}/cancel/': Item & { post: Send<never, T.Job, Id> };
  '/api/worklist/': Item & { get: Get<T.WorklistItem[]> };
  '/api/assignments/{id}/open/': Item & { post: Send<never, T.Read, Id> };
  '/api/reads/{id}/': Item & { get: Get<T.Read, Id> };
  '/api/reads/{id}/versions/': Item & { post: Send<T.Edit, T.Version, Id> };
  '/api/reads/{id}/events/': Item & { post: Send<{ events: T.ReadEvent[] }, T.EventsStored, Id> };
  '/api/reads/{id}/final/': Item & { post: Send<{ head: string; event_count: number }, T.Read, Id> };
  '/api/reads/{id}/resume/': Item & { post: Send<never, T.Read, Id> };
  '/api/reads/{id}/score/': Item & {
    post: Send<{ row: number; confidence?: number | null; comment?: string }, T.Read, Id>;
  };
  '/api/reads/{id}/submit/': Item & { post: Send<{ head: string; event_count: number }, T.Read, Id> };
  '/api/reader-studies/': Item & { get: Get<T.ReaderStudySummary[]>; post: Send<T.NewReaderStudy, T.ReaderStudy> };
  '/api/reader-studies/{id}/': Item & { get: Get<T.ReaderStudy, Id> };
  '/api/reader-studies/{id}/lock/': Item & {
    post: Send<{ password: string; meaning: string }, T.ReaderStudy, Id>;
  };
}

