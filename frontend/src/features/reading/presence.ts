/**
 * Who edits this read: this page, another tab of this browser, or another place. The server is asked every
 * few seconds; what it says of the newest state is told at once, not at the next edit.
 */

import { postEvents } from '../../api/endpoints/reads';
import { ApiError, isTransient } from '../../api/errors';
import type { EventsStored } from '../../api/types';
import type { ReadingSession } from './session';
import type { EditedElsewhere } from './state';
import { claim, giveBack, hasLocks, untilFree } from './tabLock';
import { TEXT } from './text';

const ASK_EVERY_MS = 5000;
const OWN_PAGES = 'petreview.pages';
const OWN_PAGES_KEPT = 60;
/** Reads that the reader has chosen to edit here although they are open in another place. */
const chosenHere = new Set<string>();

export class Presence {
  /** Loads the newest state into the room; set by the room. */
  reload: () => void = () => undefined;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private seen: ReadonlySet<string> | null = null;
  private readonly ended = new AbortController();
  private readonly lost = (): void => this.becomeReadOnly('tab');

  constructor(private readonly session: ReadingSession) {}

  /** Resolves once this browser knows whether another of its tabs has the read. */
  async begin(): Promise<void> {
    const { session, lost } = this;
    keepOwnPage(session.clock.pageLoad);
    if (!(await claim(session.read.id, lost))) this.becomeReadOnly('tab');
    this.timer = setTimeout(() => void this.ask(), 0);
  }

  end(): void {
    this.ended.abort();
    if (this.timer !== null) clearTimeout(this.timer);
    giveBack(this.session.read.id, this.lost);
  }

  /** The reader wants to go on here: the other tab or place may look only. */
  async editHere(): Promise<void> {
    const { session, lost } = this;
    if (session.state.get().editedElsewhere === 'tab') await claim(session.read.id, lost, true);
    chosenHere.add(session.read.id);
    this.reload();
  }

  private becomeReadOnly(where: EditedElsewhere): void {
    if (this.ended.signal.aborted) return;
    this.session.tools.cancel();
    this.session.state.set({ editedElsewhere: where });
    if (where !== 'tab') return;
    void untilFree(this.session.read.id, this.lost, this.ended.signal).then((free) => {
      if (free && !this.ended.signal.aborted) this.reload();
    });
  }

  private async ask(): Promise<void> {
    const { session } = this;
    const before = session.state.get();
    try {
      const answer = await postEvents(session.read.id, [], session.clock.pageLoad);
      if (this.ended.signal.aborted) return;
      session.queue.reached(true);
      // An answer to a question from before a step of ours says nothing about the time after it.
      const { busy, read } = session.state.get();
      if (before.busy === null && busy === null && before.read === read) this.take(answer);
    } catch (error) {
      if (this.ended.signal.aborted) return;
      if (error instanceof ApiError && error.code === 'not_signed_in') session.state.set({ dialog: 'signIn' });
      else if (isTransient(error)) session.queue.reached(false);
    }
    if (session.read.state !== 'submitted') this.timer = setTimeout(() => void this.ask(), ASK_EVERY_MS);
  }

  private take({ head, state, elsewhere }: EventsStored): void {
    this.takePlaces(new Set(elsewhere.filter((page) => !hasLocks() || !ownPages().includes(page))));
    const { session } = this;
    const { editedElsewhere, read } = session.state.get();
    const known = head === read.head.id || head === session.editor?.head || session.queue.isOwn(head);
    const newer = !known && session.editor !== null;
    if (editedElsewhere !== null) {
      if (newer) session.state.set({ message: TEXT.newerElsewhere });
    } else if (newer) session.queue.stop('changed_elsewhere');
    else if (read.state === 'open' && state !== 'open') session.queue.stop('read_frozen');
  }

  /** Pages that were there before this one edit; those that came later look. */
  private takePlaces(others: ReadonlySet<string>): void {
    const { session } = this;
    const { editedElsewhere } = session.state.get();
    if (this.seen === null) {
      if (others.size > 0 && editedElsewhere === null && !chosenHere.has(session.read.id)) this.becomeReadOnly('place');
    } else if (editedElsewhere === 'place' && others.size === 0) this.reload();
    else if (editedElsewhere === null && [...others].some((page) => !this.seen?.has(page))) {
      session.state.set({ message: TEXT.alsoElsewhere });
    }
    this.seen = others;
  }
}

/** Page loads of this browser: after a crash they have not said goodbye, and are no other place. */
function ownPages(): string[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(OWN_PAGES) ?? '[]');
    return Array.isArray(found) ? found.filter((one) => typeof one === 'string') : [];
  } catch {
    return [];
  }
}

function keepOwnPage(page: string): void {
  try {
    localStorage.setItem(OWN_PAGES, JSON.stringify([...ownPages(), page].slice(-OWN_PAGES_KEPT)));
  } catch (error) {
    console.warn('This browser keeps no list of its own pages.', error);
  }
}
