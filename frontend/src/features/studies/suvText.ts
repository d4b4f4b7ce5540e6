import type { SuvField } from './suvCorrection';

export const suvText = {
  correct: 'Correct a tag',
  correctTitle: 'Correct a tag of the PET',
  correctHint:
    'The files stay as they are: a correction is a new revision of the SUV record. Reader studies keep the revision they were locked with. Times are those of the scanner’s clock. An emptied field goes back to the file.',
  correctSave: 'Save as a new revision',
  correctFailed: 'The correction was not saved.',
  corrected: 'SUV corrected.',
  previewFailed: 'The factor that follows could not be computed.',
  reason: 'Reason',
  reasonHint: 'Kept with the revision and in the audit record.',
  fields: {
    weight_kg: 'Weight, kg',
    height_m: 'Height, m',
    sex: 'Sex',
    dose_bq: 'Injected dose, MBq',
    injection_datetime: 'Injection',
    reference_datetime: 'Decay reference (scan start)',
  } satisfies Record<SuvField, string>,
  change: (before: string, after: string) => `${before || '–'} → ${after}`,
  factor: 'Factor (SUVbw per unit)',
  allSuv: 'All SUV change by',
  times: (ratio: string) => `× ${ratio}`,
  noFactor: 'No SUV can be computed',
  history: (count: number) => (count === 1 ? 'History: 1 revision' : `History: ${count} revisions`),
  historyFailed: 'The history could not be read.',
  asImported: 'As the files say.',
  nothingCorrected: 'All as the files say again.',
} as const;
