import 'fake-indexeddb/auto';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { ReadEvent } from '../../../api/types';
import { closeDatabase, rowsOfRead } from '../idb';
import { Clock } from './clock';

let now = 0;
let sent: ReadEvent[];
let last: ReadEvent[];
let away = false;
let clock: Clock;
let read = 0;

const kinds = (events: readonly ReadEvent[]): string[] => events.map((event) => event.kind);

function clockOf(before = 0): Clock {
  const transport = {
    send: (events: ReadEvent[]) => {
      if (away) return Promise.reject(new Error('away'));
      sent.push(...events);
      return Promise.resolve({ stored: events.length });
    },
    sendLast: (events: ReadEvent[]) => {
      last.push(...events);
    },
  };
  return new Clock(`clock-${read}`, transport, before, { now: () => now, wall: () => new Date(1_700_000_000_000 + now) });
}

beforeEach(() => {
  [now, sent, last, away] = [0, [], [], false];
  read += 1;
  clock = clockOf(3);
  clock.start();
});

afterEach(() => {
  clock.stop();
  closeDatabase();
});

describe('the clock', () => {
  it('numbers the events of a page load without a gap', async () => {
    clock.record('first_image');
    now = 12.5;
    clock.record('edit', { tool: 'brush', lesions: [3] });
    await clock.flush();
    expect(kinds(sent)).toEqual(['page_opened', 'first_image', 'edit']);
    expect(sent.map((event) => event.sequence)).toEqual([0, 1, 2]);
    expect(new Set(sent.map((event) => event.page_load)).size).toBe(1);
    expect(new Set(sent.map((event) => event.id)).size).toBe(3);
    expect(sent[2]).toMatchObject({ monotonic_ms: 12.5, data: { tool: 'brush', lesions: [3] } });
  });

  it('records activity at most once a second', async () => {
    for (const at of [0, 200, 999, 1000, 1500, 2100]) {
      now = at;
      window.dispatchEvent(new Event('pointermove'));
    }
    await clock.flush();
    expect(sent.filter((event) => event.kind === 'activity').map((event) => event.monotonic_ms)).toEqual([0, 1000, 2100]);
  });

  it('records focus, blur and the end of the page, and sends the rest with it', () => {
    window.dispatchEvent(new Event('blur'));
    window.dispatchEvent(new Event('focus'));
    window.dispatchEvent(new Event('pagehide'));
    expect(kinds(last)).toEqual(['page_opened', 'blur', 'focus', 'page_closed']);
  });

  it('counts what the server has, from before and from this page', async () => {
    clock.record('first_image');
    await clock.flush();
    expect(clock.stored).toBe(3 + 2);
  });

  it('keeps events while the server is away; the next page load sends them', async () => {
    away = true;
    clock.record('first_image');
    await expect(clock.flush()).rejects.toThrow('away');
    clock.stop();
    away = false;
    const next = clockOf();
    next.start();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await next.flush();
    expect(kinds(sent)).toEqual(expect.arrayContaining(['page_opened', 'first_image', 'page_closed']));
    next.stop();
    expect((await rowsOfRead<{ event: ReadEvent }>('events', `clock-${read}`)).map((row) => row.event.kind)).toEqual(['page_closed']);
  });
});
