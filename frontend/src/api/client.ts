import createClient, { type Middleware } from 'openapi-fetch';

import type { Answered } from './answered';
import { errorFromAnswer, errorFromNoAnswer } from './errors';
import type { paths } from './schema.gen';

let csrfToken = '';

/** Called with every session answer: the token changes at sign-in. */
export function setCsrfToken(token: string): void {
  csrfToken = token;
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** The header of every request that changes something. */
export function csrfHeaders(method: string): Record<string, string> {
  return SAFE.has(method.toUpperCase()) ? {} : { 'X-CSRFToken': csrfToken };
}

const csrf: Middleware = {
  onRequest({ request }) {
    for (const [name, value] of Object.entries(csrfHeaders(request.method))) request.headers.set(name, value);
    return request;
  },
};

// fetch is looked up at each call, so that a test may answer in its place.
export const api = createClient<paths>({
  baseUrl: globalThis.location?.origin ?? '',
  credentials: 'same-origin',
  fetch: (request) => globalThis.fetch(request),
});
api.use(csrf);

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The data of an answer, or the named error. Every call to the API goes through here. */
export async function unwrap<T>(call: Promise<Answer<T>>): Promise<Answered<T>> {
  let answer: Answer<T>;
  try {
    answer = await call;
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw errorFromNoAnswer(cause);
  }
  if (!answer.response.ok) throw errorFromAnswer(answer.response.status, answer.error);
  // A 204 has no body; its type is undefined already.
  return answer.data as Answered<T>;
}

/** Bytes of an endpoint that answers with voxels, labels or frames. */
export async function fetchBytes(path: string, signal?: AbortSignal, priority?: RequestPriority): Promise<ArrayBuffer> {
  const response = await fetchOk(path, signal, priority);
  return response.arrayBuffer();
}

/** The same as a stream, for a progress bar. `Content-Length` counts the packed bytes when it is packed. */
export async function fetchOk(path: string, signal?: AbortSignal, priority?: RequestPriority): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { credentials: 'same-origin', ...(signal ? { signal } : {}), ...(priority ? { priority } : {}) });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw errorFromNoAnswer(cause);
  }
  if (!response.ok) throw errorFromAnswer(response.status, await response.json().catch(() => null));
  return response;
}
