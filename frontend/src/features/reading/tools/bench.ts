/** The room as the tools see it. */

import { postProposal } from '../../../api/endpoints/proposals';
import type { ReadingSession } from '../session';
import { Proposals } from './proposals';
import type { Bench } from './tool';

/** Null until lesions and PET are here. */
export function makeBench(session: ReadingSession): Bench | null {
  const { editor, pet, state } = session;
  if (editor === null || pet === null) return null;
  const proposals = new Proposals({
    stored: async () => {
      await session.queue.drained();
      return editor.head;
    },
    post: (question, signal) => postProposal(session.read.id, question, signal),
    record: (kind, data) => session.clock.record(kind, data),
  });
  // A preview belongs to the lesions it was made on: what changes them drops it, and an answer on its way.
  editor.labels.subscribe(() => session.tools.cancel());
  return {
    labels: editor.labels,
    image: pet,
    grid: pet.grid,
    get options() {
      return session.tools.options.get();
    },
    get allowed() {
      return session.read.tools;
    },
    get selected() {
      return state.get().selected;
    },
    get roiRecords() {
      return state.get().roiRecords;
    },
    set: (change) => session.tools.set(change),
    select: (label) => state.set({ selected: label }),
    show: (preview) => state.set({ preview }),
    repaint: () => session.planes?.repaintTools(),
    say: (message) => state.set({ message }),
    commit: (change) => session.commit(change),
    ask: (method, parameters) => proposals.ask(method, parameters),
    forget: () => proposals.forget(),
    textsOf: (label) => editor.textsOf(label),
  };
}
