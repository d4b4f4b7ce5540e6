import { type QueryClient, useQuery } from '@tanstack/react-query';

import { api, csrfHeaders, unwrap } from '../client';
import { errorFromAnswer, errorFromNoAnswer } from '../errors';
import type { AttributesResult, ImportRun } from '../types';
import { studiesKey } from './studies';

export const importKey = (id: string) => ['import', id] as const;

const FINISHED = new Set(['done', 'failed', 'cancelled']);

export function isFinished(run: ImportRun): boolean {
  return FINISHED.has(run.state);
}

export function useImport(id: string | null) {
  return useQuery({
    queryKey: importKey(id ?? ''),
    queryFn: () => unwrap(api.GET('/api/imports/{run_id}/', { params: { path: { run_id: id ?? '' } } })),
    enabled: id !== null,
    // Nobody announces the progress of an import: asked once a second until it has ended.
    refetchInterval: (query) => (query.state.data && isFinished(query.state.data) ? false : 1000),
  });
}

export function useImports(project: string) {
  return useQuery({
    queryKey: ['imports', project],
    queryFn: () => unwrap(api.GET('/api/imports/', { params: { query: project ? { project } : {} } })),
  });
}

export function forgetImports(cache: QueryClient): void {
  void cache.invalidateQueries({ queryKey: ['imports'] });
  void cache.invalidateQueries({ queryKey: studiesKey });
  void cache.invalidateQueries({ queryKey: ['projects'] });
}

export const createImport = (project: string): Promise<ImportRun> =>
  unwrap(api.POST('/api/imports/', { body: { project } }));

export const startImport = (id: string): Promise<ImportRun> =>
  unwrap(api.POST('/api/imports/{run_id}/start/', { params: { path: { run_id: id } } }));

export const cancelImport = (id: string): Promise<ImportRun> =>
  unwrap(api.POST('/api/imports/{run_id}/cancel/', { params: { path: { run_id: id } } }));

/** Sends one form with files. XMLHttpRequest, because fetch tells nothing of the bytes already sent. */
function sendForm(path: string, form: FormData, signal: AbortSignal, onBytes: (sent: number) => void) {
  return new Promise<unknown>((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    signal.addEventListener('abort', abort, { once: true });
    request.open('POST', path);
    for (const [name, value] of Object.entries(csrfHeaders('POST'))) request.setRequestHeader(name, value);
    request.responseType = 'json';
    request.upload.onprogress = (event) => onBytes(event.loaded);
    request.onabort = () => reject(new DOMException('The upload was cancelled.', 'AbortError'));
    request.onerror = () => reject(errorFromNoAnswer(null));
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(request.response);
      else reject(errorFromAnswer(request.status, request.response));
    };
    request.onloadend = () => signal.removeEventListener('abort', abort);
    request.send(form);
  });
}

export interface NamedFile {
  file: File;
  /** Path inside the dropped folder, "/" between its parts. */
  path: string;
}

/** One request's worth of files of an import. */
export async function sendImportFiles(
  id: string,
  files: readonly NamedFile[],
  signal: AbortSignal,
  onBytes: (sent: number) => void,
): Promise<void> {
  const form = new FormData();
  for (const { file, path } of files) form.append('files', file, path);
  await sendForm(`/api/imports/${id}/files/`, form, signal, onBytes);
}

/** Clinical attributes: a CSV with the pseudonym or PatientID first. */
export async function sendAttributes(project: string, file: File): Promise<AttributesResult> {
  const form = new FormData();
  form.append('file', file, file.name);
  const answer = await sendForm(`/api/projects/${project}/attributes/`, form, new AbortController().signal, () => {});
  return answer as AttributesResult;
}
