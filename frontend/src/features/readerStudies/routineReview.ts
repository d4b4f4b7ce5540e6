import type { NewReaderStudy, StudySummary } from '../../api/types';
import { text } from './text';

/** What the form holds; `start` decides whether `release` counts. */
export interface Draft {
  name: string;
  project: string;
  cases: readonly string[];
  readers: readonly number[];
  start: 'ai' | 'empty';
  release: { fingerprint: string; name: string } | null;
  idleSeconds: number;
  masked: readonly string[];
}

export const EMPTY_DRAFT: Draft = {
  name: '',
  project: '',
  cases: [],
  readers: [],
  start: 'ai',
  release: null,
  idleSeconds: 60,
  masked: ['others', 'past_times'],
};

/** What is still missing, in words; empty when the draft can be sent. */
export function complaints(draft: Draft): string[] {
  const { missing } = text;
  return [
    draft.name.trim() === '' && missing.name,
    draft.cases.length === 0 && missing.cases,
    draft.readers.length === 0 && missing.readers,
    draft.start === 'ai' && draft.release === null && missing.release,
    !(draft.idleSeconds >= 1 && draft.idleSeconds <= 3600) && missing.idle,
  ].filter((complaint) => complaint !== false);
}

/** The body of the request. Cases go in the order of the list shown, not of the clicks. */
export function toRequest(draft: Draft, shown: readonly StudySummary[]): NewReaderStudy {
  const chosen = new Set(draft.cases);
  const release =
    draft.start === 'ai' && draft.release !== null
      ? { release_fingerprint: draft.release.fingerprint, release_name: draft.release.name }
      : {};
  return {
    project: draft.project,
    name: draft.name.trim(),
    cases: shown.filter((study) => chosen.has(study.id)).map((study) => study.id),
    readers: [...draft.readers],
    arm: { start: draft.start, ...release },
    idle_threshold_s: draft.idleSeconds,
    masked: [...draft.masked],
  };
}

/** Studies that can be a case: a PET with SUV. */
export const canBeCase = (study: StudySummary): boolean => study.pet_volume !== null && study.suv_valid;

export function toggled<T>(list: readonly T[], item: T): T[] {
  return list.includes(item) ? list.filter((one) => one !== item) : [...list, item];
}
