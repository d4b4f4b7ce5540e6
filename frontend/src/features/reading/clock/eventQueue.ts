/** Events on their way to the server: kept on the browser's disk until it has them, sent in batches. */

import type { ReadEvent } from '../../../api/types';
import { addRows, changeRows, rowsOfRead } from '../idb';

interface EventRow {
  readonly id: string;
  readonly read: string;
  readonly event: ReadEvent;
}

export interface EventTransport {
  send(events: ReadEvent[]): Promise<{ stored: number }>;
  /** Survives the page: fetch with `keepalive`. */
  sendLast(events: ReadEvent[]): void;
}

const BATCH = 400;
/** A keepalive body may hold 64 kB; an event is about 250 bytes. */
const LAST_BATCH = 200;
const EVERY_MS = 5000;
const LONGEST_WAIT_MS = 60_000;

export class EventQueue {
  private readonly unsent: ReadEvent[] = [];
  /** Events of this page load, sent or not. */
  private readonly own = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | null = null;
  private sending: Promise<void> | null = null;
  private wait = EVERY_MS;
  /** Events this page has brought to the server. */
  stored = 0;

  constructor(
    private readonly read: string,
    private readonly transport: EventTransport,
  ) {}

  /** Events of earlier page loads that never arrived. */
  async resume(): Promise<void> {
    try {
      const rows = await rowsOfRead<EventRow>('events', this.read);
      this.unsent.unshift(...rows.map((row) => row.event).filter((event) => !this.own.has(event.id)));
    } catch (error) {
      console.error('Events of earlier page loads could not be read.', error);
    }
    this.schedule(0);
  }

  add(event: ReadEvent): void {
    this.unsent.push(event);
    this.own.add(event.id);
    addRows('events', [{ id: event.id, read: this.read, event } satisfies EventRow]).catch((error: unknown) =>
      console.error('An event could not be kept in this browser.', error),
    );
    this.schedule(this.wait);
  }

  /** Sends everything now; rejects when the server cannot be reached. */
  async flush(): Promise<void> {
    await this.sending?.catch(() => undefined);
    while (this.unsent.length > 0) await this.sendBatch();
  }

  /** At pagehide. What is not acknowledged stays on the disk and is sent by the next page load. */
  flushLast(): void {
    if (this.unsent.length > 0) this.transport.sendLast(this.unsent.slice(-LAST_BATCH));
  }

  stop(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  private schedule(delay: number): void {
    if (this.timer !== null) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      void this.sendInBackground();
    }, delay);
  }

  private async sendInBackground(): Promise<void> {
    if (this.unsent.length === 0 || this.sending !== null) return;
    try {
      await this.sendBatch();
      this.wait = EVERY_MS;
    } catch {
      this.wait = Math.min(LONGEST_WAIT_MS, this.wait * 2);
    }
    if (this.unsent.length > 0) this.schedule(this.wait);
  }

  private async sendBatch(): Promise<void> {
    const batch = this.unsent.slice(0, BATCH);
    this.sending = this.transport.send(batch).then(({ stored }) => {
      this.stored += stored;
    });
    try {
      await this.sending;
    } finally {
      this.sending = null;
    }
    const sent = new Set(batch.map((event) => event.id));
    this.unsent.splice(0, this.unsent.length, ...this.unsent.filter((event) => !sent.has(event.id)));
    await changeRows('events', [...sent], () => null).catch((error: unknown) =>
      console.error('Sent events could not be forgotten.', error),
    );
  }
}
