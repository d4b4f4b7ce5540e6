import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { listenToSocket, reconnectDelay, socketUrl } from './socket';

/** The parts of a WebSocket that are used, worked by hand. */
class HandSocket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  closed = false;
  close(): void {
    this.closed = true;
    this.onclose?.({ code: 1000 });
  }
}

function listen() {
  const sockets: HandSocket[] = [];
  const heard = { messages: [] as unknown[], states: [] as string[], signedOut: 0 };
  const stop = listenToSocket(
    'ws://here/ws/jobs/',
    {
      onMessage: (message) => heard.messages.push(message),
      onState: (state) => heard.states.push(state),
      onSignedOut: () => (heard.signedOut += 1),
    },
    () => {
      const socket = new HandSocket();
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
  );
  return { sockets, heard, stop, last: () => sockets[sockets.length - 1] };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('a socket', () => {
  it('hands on what is JSON and drops the rest', () => {
    const { heard, last } = listen();
    last()?.onmessage?.({ data: '{"type":"worklist"}' });
    last()?.onmessage?.({ data: 'nonsense' });
    last()?.onmessage?.({ data: new ArrayBuffer(2) });
    expect(heard.messages).toEqual([{ type: 'worklist' }]);
  });

  it('comes back after a loss, later each time, and soon again after a success', () => {
    const { sockets, heard, last } = listen();
    for (const expected of [2, 3, 4]) {
      last()?.onclose?.({ code: 1006 });
      vi.advanceTimersByTime(20_000);
      expect(sockets).toHaveLength(expected);
    }
    last()?.onopen?.();
    last()?.onclose?.({ code: 1006 });
    vi.advanceTimersByTime(1300);
    expect(sockets).toHaveLength(5);
    expect(heard.states).toContain('lost');
  });

  it('stays away when told to stop, or when the session has ended', () => {
    const first = listen();
    first.stop();
    vi.advanceTimersByTime(60_000);
    expect(first.sockets).toHaveLength(1);
    expect(first.sockets[0]?.closed).toBe(true);

    const second = listen();
    second.last()?.onclose?.({ code: 4401 });
    vi.advanceTimersByTime(60_000);
    expect(second.sockets).toHaveLength(1);
    expect(second.heard.signedOut).toBe(1);
  });

  it('waits between three and five quarters of a second doubled, at most 30 s', () => {
    expect(reconnectDelay(0, () => 0)).toBe(750);
    expect(reconnectDelay(0, () => 1)).toBe(1250);
    expect(reconnectDelay(2, () => 0.5)).toBe(4000);
    expect(reconnectDelay(40, () => 0.5)).toBe(30_000);
  });

  it('is as safe as the page', () => {
    expect(socketUrl('/ws/jobs/', { protocol: 'https:', host: 'a.org' })).toBe('wss://a.org/ws/jobs/');
    expect(socketUrl('/ws/jobs/', { protocol: 'http:', host: '127.0.0.1:8000' })).toBe('ws://127.0.0.1:8000/ws/jobs/');
  });
});
