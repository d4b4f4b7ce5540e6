/** Raw, timestamped facts of a read. Nothing is added up or thresholded here; the server does that. */

import type { ReadEvent } from '../../../api/types';
import { newUuid } from '../uuid';

export type EventKind =
  | 'first_image'
  | 'activity'
  | 'visible'
  | 'hidden'
  | 'focus'
  | 'blur'
  | 'loading_begin'
  | 'loading_end'
  | 'computing_begin'
  | 'computing_end'
  | 'edit'
  | 'pause_begin'
  | 'pause_end'
  | 'still_reading'
  | 'page_opened'
  | 'page_closed'
  | 'final'
  | 'resumed'
  | 'score_shown'
  | 'scored'
  | 'window';

export interface TimeSource {
  /** Monotonic ms of this page load. */
  now(): number;
  /** The reader's own clock. */
  wall(): Date;
}

export const browserTime: TimeSource = { now: () => performance.now(), wall: () => new Date() };

/** Numbers the events of one load of the page in one tab. */
export class EventMaker {
  readonly pageLoad = newUuid();
  private sequence = 0;

  constructor(private readonly time: TimeSource = browserTime) {}

  get made(): number {
    return this.sequence;
  }

  make(kind: EventKind, data: Record<string, unknown> = {}): ReadEvent {
    return {
      id: newUuid(),
      page_load: this.pageLoad,
      sequence: this.sequence++,
      kind,
      monotonic_ms: this.time.now(),
      client_time: this.time.wall().toISOString(),
      data,
    };
  }
}
