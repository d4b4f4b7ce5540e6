/**
 * Watches the page and records what happens in a read (docs: "The clock"). The reader sees no clock:
 * nothing here is shown.
 */

import { browserTime, type EventKind, EventMaker, type TimeSource } from './events';
import { EventQueue, type EventTransport } from './eventQueue';

/** Activity is recorded at most this often. */
const ACTIVITY_EVERY_MS = 1000;
const ACTIVITY = ['pointermove', 'pointerdown', 'wheel', 'keydown'] as const;

export class Clock {
  private readonly queue: EventQueue;
  private readonly maker: EventMaker;
  private lastActivity = -Infinity;
  private readonly undo: (() => void)[] = [];

  constructor(
    read: string,
    transport: EventTransport,
    /** Events the server had before this page was opened. */
    private readonly before: number,
    private readonly time: TimeSource = browserTime,
  ) {
    this.queue = new EventQueue(read, transport);
    this.maker = new EventMaker(time);
  }

  /** Events of the read that are known to be on the server. */
  get stored(): number {
    return this.before + this.queue.stored;
  }

  /** This load of the page in this tab. */
  get pageLoad(): string {
    return this.maker.pageLoad;
  }

  /** Events of this page load. */
  get made(): number {
    return this.maker.made;
  }

  /** Monotonic ms since the last sign of the reader. */
  get quietMs(): number {
    return this.time.now() - Math.max(0, this.lastActivity);
  }

  record(kind: EventKind, data: Record<string, unknown> = {}): void {
    this.queue.add(this.maker.make(kind, data));
  }

  start(): void {
    this.record('page_opened', { visible: document.visibilityState === 'visible', focus: document.hasFocus() });
    void this.queue.resume();
    for (const kind of ACTIVITY) this.listen(window, kind, () => this.activity(kind), { passive: true, capture: true });
    this.listen(document, 'visibilitychange', () => this.record(document.visibilityState === 'visible' ? 'visible' : 'hidden'));
    this.listen(window, 'focus', () => this.record('focus'));
    this.listen(window, 'blur', () => this.record('blur'));
    this.listen(window, 'pagehide', () => this.close());
  }

  /** Sends everything that was recorded; rejects when it cannot. */
  flush(): Promise<void> {
    return this.queue.flush();
  }

  /** The read is submitted: nothing more is recorded. */
  abandon(): void {
    this.undo.splice(0).forEach((forget) => forget());
    this.queue.stop();
  }

  /** Leaving the room by a link is leaving it too. */
  stop(): void {
    if (this.undo.length === 0) return;
    this.close();
    this.undo.splice(0).forEach((forget) => forget());
    this.queue.stop();
  }

  private close(): void {
    this.record('page_closed');
    this.queue.flushLast();
  }

  private activity(kind: string): void {
    const now = this.time.now();
    const quiet = now - this.lastActivity;
    if (quiet < ACTIVITY_EVERY_MS) return;
    this.lastActivity = now;
    this.record('activity', { by: kind === 'wheel' ? 'wheel' : kind === 'keydown' ? 'key' : 'pointer' });
  }

  private listen(target: EventTarget, kind: string, handler: () => void, options?: AddEventListenerOptions): void {
    target.addEventListener(kind, handler, options);
    this.undo.push(() => target.removeEventListener(kind, handler, options));
  }
}
