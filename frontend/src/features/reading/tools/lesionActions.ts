/** What is done to whole lesions at once: undo, redo, delete, restore. */

import { messageOf } from '../../../api/errors';
import { LabelStore } from '../../../viewer/labelStore';
import { fetchLabels, fetchVersion, livingLesions } from '../images';
import type { ReadingSession } from '../session';
import { TEXT } from '../text';
import { TOOL_TEXT } from './text';

export class LesionActions {
  constructor(private readonly session: ReadingSession) {}

  /** What a tool has drawn goes back first. */
  undo(): void {
    const { session } = this;
    if (session.tools.back()) return;
    if (session.mayEdit()) session.editor?.undo();
    session.hoverAgain();
  }

  redo(): void {
    const { session } = this;
    if (session.mayEdit()) session.editor?.redo();
    session.hoverAgain();
  }

  /** The lesion under the pointer, else the selected one. */
  deleteHere(): void {
    const { session } = this;
    if (!session.read.tools.includes('delete')) return session.state.set({ message: TOOL_TEXT.notAllowed });
    if (!session.mayEdit()) return;
    const label = session.hover.get().label || session.state.get().selected;
    if (!label || session.editor?.labels.voxels(label).length === 0) return session.state.set({ message: TEXT.nothingToDelete });
    session.editor?.deleteLesion(label);
    session.hoverAgain();
  }

  async restore(label: number): Promise<void> {
    const { session } = this;
    if (!session.mayEdit()) return;
    try {
      const voxels = session.editor?.lastVoxelsOf(label) ?? (await this.storedVoxelsOf(label));
      if (voxels === null || !session.editor?.restoreLesion(label, voxels)) session.state.set({ message: TEXT.notThere });
    } catch (error) {
      session.state.set({ message: messageOf(error) });
    }
  }

  /** Walks back along the stored versions to the last one that holds the lesion. */
  private async storedVoxelsOf(label: number): Promise<Int32Array | null> {
    const { editor, read, ended } = this.session;
    if (editor === null) return null;
    const { grid } = editor.labels;
    for (let version = read.head; version.parent !== null; ) {
      version = await fetchVersion(version.parent);
      if (!livingLesions(version).has(label)) continue;
      return new LabelStore(grid, await fetchLabels(version.id, grid, ended)).voxels(label);
    }
    return null;
  }
}
