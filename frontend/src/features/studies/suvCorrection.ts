import type { SuvCorrections } from '../../api/endpoints/volumes';
import type { SuvRevision, SuvValues } from '../../api/types';
import { DASH } from '../../ui/format';

/** The form: what stands in the fields. The dose is written in MBq, as on a worksheet. */
export type SuvField = keyof SuvValues;
export type SuvDraft = Record<SuvField, string>;

export const SUV_FIELDS = ['weight_kg', 'height_m', 'sex', 'dose_bq', 'injection_datetime', 'reference_datetime'] as const satisfies readonly SuvField[];
const BQ_PER_MBQ = 1e6;
const SECONDS = 19; // "2026-11-02T14:05:33"

export interface SuvChange {
  field: SuvField;
  before: string;
  after: string;
}

export interface SuvCorrection {
  /** All corrections that hold afterwards, earlier ones included: the server takes them as a whole. */
  corrections: SuvCorrections;
  changes: readonly SuvChange[];
  complaints: Partial<Record<SuvField, string>>;
}

export function draftOf(values: SuvValues): SuvDraft {
  const number = (value: number | null) => (value === null ? '' : String(Number(value.toPrecision(10))));
  return {
    weight_kg: number(values.weight_kg),
    height_m: number(values.height_m),
    sex: values.sex,
    dose_bq: values.dose_bq === null ? '' : number(values.dose_bq / BQ_PER_MBQ),
    injection_datetime: values.injection_datetime?.slice(0, SECONDS) ?? '',
    reference_datetime: values.reference_datetime?.slice(0, SECONDS) ?? '',
  };
}

/** What the fields say against the newest revision. An emptied field goes back to what the file says. */
export function correctionOf(draft: SuvDraft, newest: SuvRevision): SuvCorrection {
  const before = draftOf(newest.values);
  const corrections = new Map(Object.entries(newest.corrections as SuvCorrections));
  const complaints: Partial<Record<SuvField, string>> = {};
  const changes: SuvChange[] = [];
  for (const field of SUV_FIELDS) {
    const text = draft[field].trim();
    if (text === before[field]) continue;
    if (text === '') {
      if (corrections.delete(field)) {
        changes.push({ field, before: before[field], after: 'as in the file' });
      } else complaints[field] = 'The file says so; write another value instead.';
      continue;
    }
    const value = parsed(field, text);
    if (value === null) complaints[field] = COMPLAINTS[field] ?? 'A number above zero.';
    else {
      corrections.set(field, value);
      changes.push({ field, before: before[field] || DASH, after: text });
    }
  }
  return { corrections: Object.fromEntries(corrections), changes, complaints };
}

const COMPLAINTS: Partial<Record<SuvField, string>> = {
  sex: 'M, F or O.',
  injection_datetime: 'A date and a time.',
  reference_datetime: 'A date and a time.',
};

function parsed(field: SuvField, text: string): string | number | null {
  if (field === 'sex') return /^[MFO]$/.test(text) ? text : null;
  if (field === 'injection_datetime' || field === 'reference_datetime') {
    return /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(text) && !Number.isNaN(Date.parse(text)) ? text : null;
  }
  const number = /^\d*[.,]?\d+$/.test(text) ? Number(text.replace(',', '.')) : Number.NaN;
  if (!(number > 0)) return null;
  return field === 'dose_bq' ? number * BQ_PER_MBQ : number;
}
