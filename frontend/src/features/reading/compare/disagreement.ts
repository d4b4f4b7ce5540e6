/** Where the folds of a model differ: a map over the planes, and its mean inside each lesion. */

import { fetchDisagreement } from '../../../api/endpoints/comparisons';
import { messageOf } from '../../../api/errors';
import { ShareLayer } from '../../../viewer/render/layers';
import type { ReadingSession } from '../session';
import { Store } from '../store';
import type { Labelled } from './comparison';
import { DISAGREEMENT_TEXT } from './text';

export interface DisagreementState {
  /** The read says that there is some, and that it may be shown. */
  readonly offered: boolean;
  readonly shown: boolean;
  readonly loaded: boolean;
}

export class Disagreement {
  readonly state: Store<DisagreementState>;
  private shares: Uint8Array | null = null;
  private frame = 0;

  constructor(private readonly session: ReadingSession) {
    this.state = new Store<DisagreementState>({ offered: hasDisagreement(session.read), shown: false, loaded: false });
  }

  /** Called once the images are here. What the plan masks is not even asked for. */
  async load(): Promise<void> {
    const { session } = this;
    if (!this.state.get().offered || session.editor === null) return;
    try {
      const shares = await fetchDisagreement(session.read.id, session.ended);
      if (shares.length !== session.editor.labels.grid.voxelCount) throw new Error('The map does not have the voxels of the PET.');
      this.shares = shares;
      this.state.set({ loaded: true });
      session.editor.labels.subscribe(() => this.changedSoon());
      this.measure();
      this.show();
    } catch (error) {
      if (session.ended.aborted) return;
      this.state.set({ offered: false, shown: false });
      session.state.set({ message: `${DISAGREEMENT_TEXT.title}: ${messageOf(error)}` });
    }
  }

  toggle(): void {
    const { offered, shown } = this.state.get();
    if (!offered) return this.session.state.set({ message: DISAGREEMENT_TEXT.missing });
    this.state.set({ shown: !shown });
    this.show();
  }

  private show(): void {
    const { shown } = this.state.get();
    this.session.planes?.setLayer('disagreement', shown && this.shares !== null ? new ShareLayer(this.shares) : null);
  }

  private changedSoon(): void {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.measure();
    });
  }

  private measure(): void {
    const { editor, state } = this.session;
    if (editor !== null && this.shares !== null) state.set({ disagreement: meanInside(editor.labels, this.shares) });
  }
}

/** The mean share 0..1 inside each lesion. */
export function meanInside(labels: Pick<Labelled, 'present' | 'voxels'>, shares: Uint8Array): Map<number, number> {
  return new Map(
    labels.present.map((label) => {
      let sum = 0;
      const voxels = labels.voxels(label);
      for (const index of voxels) sum += shares[index]!;
      return [label, sum / voxels.length / 255];
    }),
  );
}

/** False where there is none, and where the plan masks it. */
function hasDisagreement(read: object): boolean {
  return 'has_disagreement' in read && read.has_disagreement === true;
}
