import { afterEach, describe, expect, it, vi } from 'vitest';

import { api, fetchBytes, setCsrfToken, unwrap } from './client';

function answerWith(make: (request: Request) => Response | Promise<Response>): Request[] {
  const seen: Request[] = [];
  vi.stubGlobal('fetch', async (input: Request | string) => {
    const request = input instanceof Request ? input : new Request(new URL(input, 'http://localhost'));
    seen.push(request);
    return make(request);
  });
  return seen;
}

const json = (status: number, body: unknown) =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } });

afterEach(() => vi.unstubAllGlobals());

describe('the client', () => {
  it('sends the token of the session with what changes something, and only then', async () => {
    const seen = answerWith(() => json(200, []));
    setCsrfToken('t0k3n');
    await unwrap(api.GET('/api/projects/'));
    await unwrap(api.POST('/api/imports/', { body: { project: 'p' } }));
    expect(seen.map((request) => request.headers.get('X-CSRFToken'))).toEqual([null, 't0k3n']);
  });

  it('puts the id into the path', async () => {
    const seen = answerWith(() => json(200, {}));
    await unwrap(api.POST('/api/jobs/{job_id}/cancel/', { params: { path: { job_id: 'j-1' } } }));
    expect(new URL(seen[0]?.url ?? '').pathname).toBe('/api/jobs/j-1/cancel/');
  });

  it('throws the named error of a refusal', async () => {
    answerWith(() => json(404, { code: 'not_found', message: 'There is no such object.', detail: {} }));
    await expect(unwrap(api.GET('/api/worklist/'))).rejects.toMatchObject({ status: 404, code: 'not_found' });
  });

  it('throws an error of its own when the answer is a page of some proxy', async () => {
    answerWith(() => new Response('<h1>Bad gateway</h1>', { status: 502 }));
    await expect(unwrap(api.GET('/api/worklist/'))).rejects.toMatchObject({ status: 502, code: 'unreadable_answer' });
  });

  it('calls no answer at all being offline', async () => {
    answerWith(() => Promise.reject(new TypeError('Failed to fetch')));
    await expect(unwrap(api.GET('/api/worklist/'))).rejects.toMatchObject({ status: 0, code: 'offline' });
    await expect(fetchBytes('/api/volumes/v/voxels/')).rejects.toMatchObject({ code: 'offline' });
  });

  it('gives bytes, or the named error', async () => {
    answerWith(() => new Response(new Uint8Array([1, 2, 255])));
    expect([...new Uint8Array(await fetchBytes('/api/volumes/v/voxels/'))]).toEqual([1, 2, 255]);
    answerWith(() => json(404, { code: 'not_found', message: 'No.', detail: {} }));
    await expect(fetchBytes('/api/volumes/v/voxels/')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('lets a cancelled request be a cancelled request', async () => {
    answerWith(() => Promise.reject(new DOMException('aborted', 'AbortError')));
    await expect(unwrap(api.GET('/api/worklist/'))).rejects.toMatchObject({ name: 'AbortError' });
  });
});
