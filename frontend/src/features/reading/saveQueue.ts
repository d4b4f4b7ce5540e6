/**
 * Edits on their way to the server: first on the browser's disk, then sent one at a time in order.
 * The same UUID is sent again until it is acknowledged, so a lost answer never makes two versions.
 */

import { ApiError } from '../../api/errors';
import type { Edit, LesionEdit, Version } from '../../api/types';
import { addRows, changeRow, changeRows, rowsOfRead } from './idb';
import type { SaveState } from './state';

export type EditKind = 'apply' | 'undo' | 'redo';

export interface QueuedEdit {
  readonly id: string;
  readonly read: string;
  readonly kind: EditKind;
  readonly state: 'pending' | 'stored' | 'aside';
  readonly body: Edit;
  /** What was said of its lesions before it: for undo. */
  readonly before?: readonly LesionEdit[];
}

/** Stored edits stay this long for undo after a reload: a hundred edits, taken back and done again. */
const KEPT_STORED = 400;
/** The plan leaves out the tool of the edit: whoever signs in, it stays refused. */
export const TOOL_NOT_ALLOWED = 'tool_not_allowed';
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;

export interface QueueEvents {
  post(edit: Edit): Promise<Version>;
  onState(state: SaveState): void;
  /** This browser's disk does not take anything. */
  onMemoryOnly(): void;
  /** The server has the edit; `waiting` are those still to go. */
  onStored(version: Version, waiting: readonly Edit[]): void;
}

export class SaveQueue {
  private readonly pending: QueuedEdit[] = [];
  private stopped: string | null = null;
  private wait = FIRST_WAIT_MS;
  private sending = false;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private onDisk = true;
  private away = false;
  /** Ids of every edit this page knows to be of its own making. */
  private readonly own = new Set<string>();
  private idle: (() => void)[] = [];
  private readonly online = (): void => this.wake();

  constructor(
    private readonly read: string,
    private readonly events: QueueEvents,
  ) {
    globalThis.addEventListener('online', this.online);
  }

  /** Says at once when this browser keeps nothing on its disk. */
  async checkDisk(): Promise<void> {
    try {
      await rowsOfRead('edits', this.read);
    } catch (error) {
      console.error('This browser keeps nothing on its disk.', error);
      this.onDisk = false;
      this.events.onMemoryOnly();
    }
  }

  /** The server was reached, or not, by another question than a save. */
  reached(yes: boolean): void {
    if (yes && this.pending.length > 0 && this.timer !== null) this.wake();
    if (this.away === !yes) return;
    this.away = !yes;
    if (this.pending.length === 0) this.say();
  }

  /** Sends what waits now: signed in again, or back from elsewhere. */
  retry(): void {
    this.wait = FIRST_WAIT_MS;
    this.wake();
  }

  /** The read went on elsewhere: nothing more is sent from here. */
  stop(code: string): void {
    if (this.stopped !== null) return;
    this.stopped = code;
    this.say();
    this.idle.splice(0).forEach((done) => done());
  }

  isOwn(version: string): boolean {
    return this.own.has(version);
  }

  /** Edits of this browser for the read, oldest first. */
  static load(read: string): Promise<QueuedEdit[]> {
    return rowsOfRead<QueuedEdit>('edits', read);
  }

  get waiting(): readonly QueuedEdit[] {
    return this.pending;
  }

  /** Writes the edit to the disk, then sends it when its turn comes. */
  async add(kind: EditKind, body: Edit, before?: readonly LesionEdit[]): Promise<void> {
    const edit: QueuedEdit = { id: body.id, read: this.read, kind, state: 'pending', body, ...(before ? { before } : {}) };
    this.pending.push(edit);
    this.own.add(edit.id);
    this.events.onState({ kind: 'memory', waiting: this.pending.length });
    try {
      await addRows('edits', [edit]);
    } catch (error) {
      // A full or forbidden disk: the edit is still sent, and the screen does not say "locally".
      console.error('The edit could not be kept in this browser.', error);
      this.onDisk = false;
      this.events.onMemoryOnly();
    }
    this.say();
    this.wake();
  }

  /** Takes over edits that were pending at a reload. */
  resume(edits: readonly QueuedEdit[]): void {
    this.pending.push(...edits);
    for (const { id } of edits) this.own.add(id);
    this.say();
    this.wake();
  }

  /** Resolves when everything is stored; rejects when the queue has stopped for good. */
  drained(): Promise<void> {
    if (this.stopped !== null) return Promise.reject(new Error(this.stopped));
    if (this.pending.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.idle.push(() => (this.stopped === null ? resolve() : reject(new Error(this.stopped))));
    });
  }

  destroy(): void {
    globalThis.removeEventListener('online', this.online);
    if (this.timer !== null) clearTimeout(this.timer);
    this.stopped ??= 'left';
  }

  private wake(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    void this.send();
  }

  private async send(): Promise<void> {
    if (this.sending) return;
    this.sending = true;
    while (this.pending.length > 0 && this.stopped === null) {
      const edit = this.pending[0] as QueuedEdit;
      try {
        const version = await this.events.post(edit.body);
        await this.stored(edit, version);
      } catch (error) {
        if (await this.failed(error)) break;
      }
    }
    this.sending = false;
    if (this.pending.length === 0 || this.stopped !== null) this.idle.splice(0).forEach((done) => done());
  }

  private async stored(edit: QueuedEdit, version: Version): Promise<void> {
    this.wait = FIRST_WAIT_MS;
    this.away = false;
    this.pending.shift();
    this.events.onStored(version, this.pending.map((one) => one.body));
    this.say();
    if (this.onDisk) await changeRow<QueuedEdit>('edits', edit.id, (row) => ({ ...row, state: 'stored' }));
    await this.forgetOld();
  }

  /** True when sending pauses: a later try comes by itself, or never after a refusal. */
  private async failed(error: unknown): Promise<boolean> {
    if (error instanceof ApiError && isRefusal(error)) {
      this.stopped = error.code;
      this.events.onState({ kind: 'conflict', waiting: this.pending.length, code: error.code });
      // The edit itself was refused: after a reload it must not be sent again.
      if (error.status !== 409 && this.onDisk) await changeRows<QueuedEdit>('edits', this.pending.map((one) => one.id), (row) => ({ ...row, state: 'aside' }));
      return true;
    }
    const why = error instanceof ApiError ? error.code : 'failed';
    this.say(why);
    this.timer = setTimeout(() => this.wake(), this.wait);
    this.wait = Math.min(LONGEST_WAIT_MS, this.wait * 2);
    return true;
  }

  private say(why?: string): void {
    const waiting = this.pending.length;
    if (this.stopped !== null && this.stopped !== 'left') {
      this.events.onState({ kind: 'conflict', waiting, code: this.stopped });
    } else if (waiting === 0) this.events.onState({ kind: this.away ? 'away' : 'saved' });
    else if (!this.onDisk) this.events.onState({ kind: 'memory', waiting, ...(why === undefined ? {} : { why }) });
    else if (why !== undefined) this.events.onState({ kind: 'local', waiting, why });
    else this.events.onState({ kind: 'saving', waiting });
  }

  private async forgetOld(): Promise<void> {
    if (!this.onDisk || this.pending.length > 0) return;
    const rows = await SaveQueue.load(this.read);
    const old = rows.filter((row) => row.state === 'stored').slice(0, -KEPT_STORED);
    for (const row of old) await changeRow('edits', row.id, () => null);
  }
}

/** What no later try can change. The right reader can sign in again, so 401, 404 and any other 403 wait. */
function isRefusal(error: ApiError): boolean {
  return error.status === 409 || error.status === 400 || error.status === 413 || error.code === TOOL_NOT_ALLOWED;
}

export interface Replay {
  /** Pending edits that continue the server's head, in order. */
  readonly pending: QueuedEdit[];
  /** Pending edits that do not: kept, never sent. */
  readonly aside: QueuedEdit[];
  /** The chain of this browser's edits that ends at the newest state, for undo and redo. */
  readonly history: QueuedEdit[];
}

/** Sorts the edits found on the disk by what they continue. `head` is the server's head version. */
export function planReplay(rows: readonly QueuedEdit[], head: string): Replay {
  const byParent = new Map(rows.map((row) => [row.body.parent, row]));
  const byId = new Map(rows.map((row) => [row.id, row]));
  const stored: QueuedEdit[] = [];
  for (let at = byId.get(head); at !== undefined; at = byId.get(at.body.parent)) stored.unshift(at);
  const known = new Set(stored.map((row) => row.id));
  const pending: QueuedEdit[] = [];
  for (let next = byParent.get(head); next !== undefined && next.state !== 'aside' && !known.has(next.id); next = byParent.get(next.id)) {
    pending.push(next);
    known.add(next.id);
  }
  const aside = rows.filter((row) => row.state !== 'stored' && !known.has(row.id));
  return { pending, aside, history: [...stored, ...pending] };
}
