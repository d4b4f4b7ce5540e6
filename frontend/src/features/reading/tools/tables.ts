/** Where each tool stands in the toolbar, and its key. */

import type { ToolName } from './tool';

export const KEY_OF: Readonly<Record<ToolName, string>> = {
  window: 'W',
  cross: 'X',
  add: 'A',
  brush: 'B',
  erase: 'E',
  sphere: 'O',
  voi: 'I',
  split: 'S',
  cut: 'K',
  merge: 'M',
  physiological: 'P',
  reshape: 'H',
  describe: 'N',
};

/** Always in the bar. */
export const FIRST_TOOLS: readonly ToolName[] = ['brush', 'erase', 'sphere', 'split', 'merge', 'physiological'];
/** Behind "More", which opens by a key. */
export const MORE_TOOLS: readonly ToolName[] = ['voi', 'cut', 'reshape', 'describe'];
