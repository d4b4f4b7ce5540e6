/** Every word of comparing and of model disagreement, in one place. */

import type { ChangeKind } from './comparison';

export const COMPARE_TEXT = {
  title: 'Compare',
  explained: 'Compare with another version',
  with: 'Compare with',
  loading: 'Loading the version …',
  none: 'There is nothing to compare with yet.',
  views: { outlines: 'Outlines', difference: 'Difference' },
  close: 'Close the comparison',
  legend: {
    outlines: { here: 'this version', there: 'compared version' },
    difference: { here: 'only here', there: 'only there', both: 'both' },
  },
  counts: { gained: 'only here', lost: 'only there', changed: 'changed', same: 'the same' } satisfies Record<ChangeKind, string>,
  gained: (ml: string) => `+${ml} mL`,
  lost: (ml: string) => `−${ml} mL`,
  row: (kind: ChangeKind) => COMPARE_KINDS[kind],
  touching: (labels: readonly number[]) => `touches ${labels.join(', ')} there`,
  nothing: 'No difference.',
  version: (title: string, time: string | null) => (time === null ? title : `${title}, ${time}`),
} as const;

const COMPARE_KINDS: Readonly<Record<ChangeKind, string>> = { gained: 'only here', lost: 'only there', changed: 'changed', same: 'the same' };

export const DISAGREEMENT_TEXT = {
  title: 'Model disagreement',
  short: 'Disagr.',
  explained: 'Where the networks of one model differ. It does not say where the result is wrong.',
  none: 'none',
  full: 'full',
  column: 'Disagr.',
  columnTitle: 'Model disagreement: mean inside the lesion',
  missing: 'There is no model disagreement for this read.',
  hide: 'Hide the model disagreement',
} as const;
