/** Edits that could not be saved on top of the newest state: kept in the browser until the reader decides. */

import { changeRows } from './idb';
import { planReplay, type QueuedEdit, SaveQueue } from './saveQueue';
import type { ReadingSession } from './session';

async function asideOf(session: ReadingSession): Promise<QueuedEdit[]> {
  const rows = await SaveQueue.load(session.read.id);
  return planReplay(rows, session.read.head.id).aside;
}

/** One JSON file with the edits as they would have been sent. */
export async function saveSetAside(session: ReadingSession): Promise<void> {
  download(session, (await asideOf(session)).map((edit) => edit.body));
}

/** The same of the edits that wait in this page: where another place was faster. */
export function saveWaiting(session: ReadingSession): void {
  download(session, session.queue.waiting.map((edit) => edit.body));
}

function download(session: ReadingSession, edits: readonly object[]): void {
  const file = new Blob([JSON.stringify({ read: session.read.id, edits }, null, 2)], { type: 'application/json' });
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = `${session.read.pseudonym}-unsent-edits.json`;
  link.click();
  URL.revokeObjectURL(link.href);
}

export async function forgetSetAside(session: ReadingSession): Promise<void> {
  const edits = await asideOf(session);
  await changeRows<QueuedEdit>('edits', edits.map((edit) => edit.id), () => null);
  session.state.set({ setAside: 0 });
}
