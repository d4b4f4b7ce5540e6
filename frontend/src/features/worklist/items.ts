import type { WorklistItem, WorklistState } from '../../api/types';
import type { Tone } from '../../ui/Chip';
import { text } from './text';

export const TONES: Record<WorklistState, Tone> = {
  waiting: 'warn',
  ready: 'accent',
  open: 'accent',
  final: 'warn',
  submitted: 'ok',
  later: 'plain',
  washout: 'plain',
  training_review: 'warn',
  closed: 'plain',
  abandoned: 'bad',
};

const ACTIONS: Record<WorklistState, string | null> = {
  waiting: null,
  ready: text.openCase,
  open: text.continueCase,
  final: text.giveScore,
  submitted: text.look,
  later: null,
  washout: null,
  training_review: null,
  closed: null,
  abandoned: null,
};

/** What pressing the row does; null when it cannot be opened yet. */
export const actionOf = (item: WorklistItem): string | null => ACTIONS[item.state];

export const canOpen = (item: WorklistItem): boolean => actionOf(item) !== null;

/** The case to go on with: one begun before one not begun, else the first that is ready. */
export function nextItem(items: readonly WorklistItem[]): WorklistItem | undefined {
  return (
    items.find((item) => item.state === 'final') ??
    items.find((item) => item.state === 'open') ??
    items.find((item) => item.state === 'ready' && item.is_next) ??
    items.find((item) => item.state === 'ready')
  );
}

export interface WorklistGroup {
  readerStudy: string;
  items: WorklistItem[];
}

/** By reader study, in the order the server gives: the plan's. */
export function groupItems(items: readonly WorklistItem[]): WorklistGroup[] {
  const groups = new Map<string, WorklistItem[]>();
  for (const item of items) groups.set(item.reader_study, [...(groups.get(item.reader_study) ?? []), item]);
  return [...groups].map(([readerStudy, members]) => ({ readerStudy, items: members }));
}

export const countSubmitted = (items: readonly WorklistItem[]): number =>
  items.filter((item) => item.state === 'submitted').length;
