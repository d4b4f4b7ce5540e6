import { describe, expect, it } from 'vitest';

import type { SuvRevision } from '../../api/types';
import { correctionOf, draftOf } from './suvCorrection';

const REVISION: SuvRevision = {
  number: 2,
  factor: 0.001,
  refusal: '',
  warnings: [],
  values: {
    weight_kg: 74,
    height_m: null,
    sex: 'F',
    dose_bq: 370.4e6,
    injection_datetime: '2026-01-02T23:50:00.500000',
    reference_datetime: '2026-01-03T00:50:00',
  },
  reason: 'read off the worksheet',
  corrections: { dose_bq: 370.4e6 },
  created_by: 'manager',
  created_at: '2026-02-01T10:00:00Z',
};
const draft = draftOf(REVISION.values);

describe('the correction of a tag', () => {
  it('shows the dose in MBq and times to the second', () => {
    expect(draft).toEqual({
      weight_kg: '74',
      height_m: '',
      sex: 'F',
      dose_bq: '370.4',
      injection_datetime: '2026-01-02T23:50:00',
      reference_datetime: '2026-01-03T00:50:00',
    });
  });

  it('changes nothing while the fields stand as they were', () => {
    expect(correctionOf(draft, REVISION)).toEqual({ corrections: { dose_bq: 370.4e6 }, changes: [], complaints: {} });
  });

  it('keeps earlier corrections beside a new one, and names old and new value', () => {
    const { corrections, changes } = correctionOf({ ...draft, weight_kg: '47', height_m: '1,68' }, REVISION);
    expect(corrections).toEqual({ dose_bq: 370.4e6, weight_kg: 47, height_m: 1.68 });
    expect(changes).toEqual([
      { field: 'weight_kg', before: '74', after: '47' },
      { field: 'height_m', before: '–', after: '1,68' },
    ]);
  });

  it('turns MBq into Bq', () => {
    expect(correctionOf({ ...draft, dose_bq: '185.5' }, REVISION).corrections).toEqual({ dose_bq: 185.5e6 });
  });

  it('takes a correction back where its field is emptied, and only there', () => {
    expect(correctionOf({ ...draft, dose_bq: '' }, REVISION)).toMatchObject({
      corrections: {},
      changes: [{ field: 'dose_bq', before: '370.4', after: 'as in the file' }],
    });
    expect(correctionOf({ ...draft, weight_kg: '' }, REVISION).complaints).toHaveProperty('weight_kg');
  });

  it.each([
    ['weight_kg', '0'],
    ['weight_kg', '-3'],
    ['weight_kg', 'seventy'],
    ['dose_bq', '1e9e'],
    ['sex', 'female'],
    ['injection_datetime', '2026-13-45T99:00'],
    ['reference_datetime', 'yesterday'],
  ] as const)('complains about %s = %s and sends nothing of it', (field, text) => {
    const { complaints, changes } = correctionOf({ ...draft, [field]: text }, REVISION);
    expect(Object.keys(complaints)).toEqual([field]);
    expect(changes).toEqual([]);
  });
});
