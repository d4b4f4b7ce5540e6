/** The end of a read: final, score, submit. Every step waits until the server has everything before it. */

import { messageOf } from '../../api/errors';
import { postFinal, postResume, postScore, postSubmit } from '../../api/endpoints/reads';
import type { LesionFlag, Read } from '../../api/types';
import type { ReadingSession } from './session';

export interface Missing {
  readonly waiting: number;
  readonly noLesions: boolean;
  readonly unchanged: boolean;
  readonly preview: boolean;
  /** Labels of lesions below the smallest volume. */
  readonly tiny: readonly number[];
  /** Labels without a site, where the plan asks for one. */
  readonly noSite: readonly number[];
}

const SMALLEST_ML = 0.1;

/** What the reader should know before saying "final". */
export function whatIsMissing({ state, queue }: ReadingSession): Missing {
  const { rows, preview, read, undoTool } = state.get();
  const here = rows.filter((row) => row.status !== 'deleted');
  return {
    waiting: queue.waiting.length,
    noLesions: here.length === 0,
    unchanged: read.scored && undoTool === null && rows.every((row) => row.status === 'kept'),
    preview: preview !== null,
    tiny: here.filter((row) => row.volumeMl < SMALLEST_ML - 1e-9).map((row) => row.label),
    noSite: read.asks_site ? here.filter((row) => row.site === '').map((row) => row.label) : [],
  };
}

export class Finish {
  constructor(private readonly session: ReadingSession) {}

  /** Ends the reading clock. */
  async final(): Promise<void> {
    const { session } = this;
    session.tools.cancel();
    await this.step('final', async () => {
      await session.queue.drained();
      session.clock.record('final', { head: this.head });
      await session.clock.flush();
      const read = await postFinal(session.read.id, { head: this.head, event_count: session.clock.stored });
      session.clock.record('score_shown', { scored: read.scored });
      return read;
    });
  }

  async resume(): Promise<void> {
    await this.step('resume', async () => {
      const read = await postResume(this.session.read.id);
      this.session.clock.record('resumed');
      return read;
    });
  }

  async score(row: number, confidence: number | null, comment: string, flags: readonly LesionFlag[] = []): Promise<void> {
    await this.step('score', async () => {
      const read = await postScore(this.session.read.id, { row, confidence, comment, lesion_flags: flags.length > 0 ? [...flags] : null });
      this.session.clock.record('scored', { row });
      return read;
    });
  }

  async submit(): Promise<void> {
    const { session } = this;
    await this.step('submit', async () => {
      await session.queue.drained();
      await session.clock.flush();
      const read = await postSubmit(session.read.id, { head: this.head, event_count: session.clock.stored });
      session.clock.abandon();
      return read;
    });
  }

  private get head(): string {
    return this.session.editor?.head ?? this.session.read.head.id;
  }

  private async step(name: string, work: () => Promise<Read>): Promise<void> {
    const { state } = this.session;
    if (state.get().busy !== null) return;
    state.set({ busy: name });
    try {
      const read = await work();
      state.set({ read, dialog: null });
    } catch (error) {
      state.set({ message: messageOf(error) });
    } finally {
      state.set({ busy: null });
    }
  }
}
