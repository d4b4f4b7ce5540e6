import type { PatientKey } from '../../api/types';

/** Rows in which every word of the search stands, in any column and any case. */
export function matchingKeys(keys: readonly PatientKey[], search: string): readonly PatientKey[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return keys.filter((key) => {
    // "^" parts the names of a DICOM person.
    const row = `${key.pseudonym} ${key.source_patient_id} ${key.source_patient_name.replaceAll('^', ' ')}`.toLowerCase();
    return words.every((word) => row.includes(word));
  });
}
