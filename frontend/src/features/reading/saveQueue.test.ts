import 'fake-indexeddb/auto';

import { IDBFactory } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { ApiError } from '../../api/errors';
import type { Edit, Version } from '../../api/types';
import { closeDatabase } from './idb';
import { planReplay, type QueuedEdit, SaveQueue } from './saveQueue';
import type { SaveState } from './state';

const edit = (id: string, parent: string): Edit => ({
  id,
  parent,
  tool: 'brush',
  parameters: {},
  grid_digest: 'g',
  patch: '',
  lesions: [],
});
const versionOf = (body: Edit): Version => ({ id: body.id, parent: body.parent, lesions: [] }) as unknown as Version;

/** A server that stores versions in a chain and answers as ours does. */
class Server {
  readonly stored: Edit[] = [];
  head = 'start';
  fail: ApiError[] = [];
  loseNextAnswer = false;

  post = async (body: Edit): Promise<Version> => {
    await Promise.resolve();
    const problem = this.fail.shift();
    if (problem) throw problem;
    if (!this.stored.some((one) => one.id === body.id)) {
      if (body.parent !== this.head) throw new ApiError(409, 'stale_parent', 'stale');
      this.stored.push(body);
      this.head = body.id;
    }
    if (this.loseNextAnswer) {
      this.loseNextAnswer = false;
      throw new ApiError(0, 'offline', 'lost');
    }
    return versionOf(body);
  };
}

const offline = (): ApiError => new ApiError(0, 'offline', 'away');

let read = 0;
let server: Server;
let states: SaveState[];
let queue: SaveQueue;

function queueOf(id: string): SaveQueue {
  return new SaveQueue(id, { post: server.post, onMemoryOnly: () => undefined,
      onState: (state) => states.push(state), onStored: () => undefined });
}

beforeEach(() => {
  read += 1;
  globalThis.indexedDB = new IDBFactory();
  server = new Server();
  states = [];
  queue = queueOf(`read-${read}`);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterEach(() => {
  queue.destroy();
  vi.useRealTimers();
  closeDatabase();
});

describe('the save queue', () => {
  it('is on the disk before it says so, and then on the server, in order', async () => {
    await Promise.all([queue.add('apply', edit('a', 'start')), queue.add('apply', edit('b', 'a'))]);
    await queue.drained();
    expect(server.stored.map((one) => one.id)).toEqual(['a', 'b']);
    expect(states[0]?.kind).toBe('memory');
    expect(states.at(-1)?.kind).toBe('saved');
    const rows = await SaveQueue.load(`read-${read}`);
    expect(rows.map((row) => row.id)).toEqual(['a', 'b']);
  });

  it('waits while the server is away and sends the same edit again', async () => {
    server.fail = [offline(), new ApiError(503, 'down', 'down'), new ApiError(401, 'not_signed_in', 'out')];
    await queue.add('apply', edit('a', 'start'));
    await vi.advanceTimersByTimeAsync(1);
    expect(states.at(-1)).toEqual({ kind: 'local', waiting: 1, why: 'offline' });
    await vi.advanceTimersByTimeAsync(1000);
    await vi.advanceTimersByTimeAsync(2000);
    await vi.advanceTimersByTimeAsync(4000);
    await queue.drained();
    expect(server.stored.map((one) => one.id)).toEqual(['a']);
    expect(states.at(-1)?.kind).toBe('saved');
  });

  it('makes no second version when an answer is lost', async () => {
    server.loseNextAnswer = true;
    await queue.add('apply', edit('a', 'start'));
    await vi.advanceTimersByTimeAsync(1500);
    await queue.drained();
    expect(server.stored.length).toBe(1);
  });

  it('stops when another tab was first, and keeps what was drawn', async () => {
    server.head = 'elsewhere';
    await queue.add('apply', edit('a', 'start'));
    await expect(queue.drained()).rejects.toThrow('stale_parent');
    await queue.add('apply', edit('b', 'a'));
    expect(states.at(-1)).toEqual({ kind: 'conflict', waiting: 2, code: 'stale_parent' });
    const rows = await SaveQueue.load(`read-${read}`);
    expect(rows.map((row) => [row.id, row.state])).toEqual([
      ['a', 'pending'],
      ['b', 'pending'],
    ]);
  });

  it('stops at an edit that the plan refuses, and does not send it again after a reload', async () => {
    server.fail = [new ApiError(403, 'tool_not_allowed', 'The plan does not allow this tool.')];
    await queue.add('apply', edit('a', 'start'));
    await expect(queue.drained()).rejects.toThrow('tool_not_allowed');
    expect(states.at(-1)).toEqual({ kind: 'conflict', waiting: 1, code: 'tool_not_allowed' });
    const plan = planReplay(await SaveQueue.load(`read-${read}`), server.head);
    expect([plan.pending, plan.aside.map((one) => one.id)]).toEqual([[], ['a']]);
  });

  it('goes on after a reload where it was', async () => {
    server.fail = Array.from({ length: 9 }, offline);
    await queue.add('apply', edit('a', 'start'));
    await queue.add('apply', edit('b', 'a'));
    queue.destroy();
    server.fail = [];
    const { pending } = planReplay(await SaveQueue.load(`read-${read}`), server.head);
    queue = queueOf(`read-${read}`);
    queue.resume(pending);
    await queue.drained();
    expect(server.stored.map((one) => one.id)).toEqual(['a', 'b']);
  });
});

describe('a replay', () => {
  const row = (id: string, parent: string, state: QueuedEdit['state'] = 'pending'): QueuedEdit => ({
    id,
    read: 'r',
    kind: 'apply',
    state,
    body: edit(id, parent),
  });
  const ids = (rows: readonly QueuedEdit[]): string[] => rows.map((one) => one.id);

  it('takes edits that continue the head and sets others aside', () => {
    const plan = planReplay([row('a', 's', 'stored'), row('b', 'a', 'stored'), row('c', 'b'), row('x', 'old')], 'b');
    expect(ids(plan.pending)).toEqual(['c']);
    expect(ids(plan.aside)).toEqual(['x']);
    expect(ids(plan.history)).toEqual(['a', 'b', 'c']);
  });

  it('knows an edit whose answer was lost', () => {
    const plan = planReplay([row('a', 's', 'stored'), row('b', 'a'), row('c', 'b')], 'b');
    expect(ids(plan.pending)).toEqual(['c']);
    expect(ids(plan.aside)).toEqual([]);
  });

  it('has no history where the head was made elsewhere', () => {
    const plan = planReplay([row('a', 's', 'stored'), row('b', 'a')], 'other');
    expect([ids(plan.pending), ids(plan.history), ids(plan.aside)]).toEqual([[], [], ['b']]);
  });
});

describe('what the reader is told', () => {
  it('says "away" where everything is stored and the server is out of reach, and "saved" when it is back', () => {
    queue.reached(false);
    expect(states.at(-1)).toEqual({ kind: 'away' });
    queue.reached(false);
    expect(states).toHaveLength(1);
    queue.reached(true);
    expect(states.at(-1)).toEqual({ kind: 'saved' });
  });

  it('knows its own versions and stops for good when the read went on elsewhere', async () => {
    await queue.add('apply', edit('mine', 'start'));
    expect([queue.isOwn('mine'), queue.isOwn('theirs')]).toEqual([true, false]);
    queue.stop('changed_elsewhere');
    expect(states.at(-1)).toMatchObject({ kind: 'conflict', code: 'changed_elsewhere' });
    await expect(queue.drained()).rejects.toThrow('changed_elsewhere');
  });

  it('tells at once when the browser keeps nothing on its disk', async () => {
    globalThis.indexedDB = { open: () => { throw new DOMException('denied', 'SecurityError'); } } as unknown as IDBFactory;
    closeDatabase();
    let told = 0;
    const other = new SaveQueue('r', { post: server.post, onState: (state) => states.push(state), onStored: () => undefined, onMemoryOnly: () => (told += 1) });
    await other.checkDisk();
    expect(told).toBe(1);
    other.destroy();
  });
});
