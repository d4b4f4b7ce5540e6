import { describe, expect, it } from 'vitest';

import type { StudySummary } from '../../api/types';
import { canBeCase, complaints, type Draft, EMPTY_DRAFT, toggled, toRequest } from './routineReview';

const study = (id: string, part: Partial<StudySummary> = {}): StudySummary => ({
  id,
  pseudonym: id,
  project: { id: 'p', name: 'P' },
  study_date: null,
  description: '',
  tracer: 'FDG',
  is_synthetic: true,
  modalities: ['PT'],
  pet_volume: 'v',
  ct_volume: null,
  suv_valid: true,
  segmentation_count: 0,
  created_at: '2026-11-02T10:00:00Z',
  ...part,
});

const full: Draft = {
  ...EMPTY_DRAFT,
  name: ' Pilot ',
  project: 'p',
  cases: ['c', 'a'],
  readers: [7],
  release: { fingerprint: 'f1', name: 'demo' },
};

describe('a new reader study', () => {
  it('says what is missing, one by one', () => {
    expect(complaints(EMPTY_DRAFT)).toHaveLength(4);
    expect(complaints(full)).toEqual([]);
    expect(complaints({ ...full, release: null })).toHaveLength(1);
    expect(complaints({ ...full, release: null, start: 'empty' })).toEqual([]);
    expect(complaints({ ...full, idleSeconds: Number.NaN })).toHaveLength(1);
    expect(complaints({ ...full, idleSeconds: 0 })).toHaveLength(1);
  });

  it('numbers cases in the order of the list, not of the clicks', () => {
    expect(toRequest(full, [study('a'), study('b'), study('c')])).toMatchObject({ name: 'Pilot', cases: ['a', 'c'] });
  });

  it('names a release only when reads start from one', () => {
    expect(toRequest(full, []).arm).toEqual({ start: 'ai', release_fingerprint: 'f1', release_name: 'demo' });
    expect(toRequest({ ...full, start: 'empty' }, []).arm).toEqual({ start: 'empty' });
  });

  it('takes as cases only studies with a PET in SUV', () => {
    expect([study('a'), study('b', { pet_volume: null }), study('c', { suv_valid: false })].filter(canBeCase)).toHaveLength(1);
  });

  it('a second press takes a choice back', () => {
    expect(toggled(toggled([1, 2], 3), 1)).toEqual([2, 3]);
  });
});
