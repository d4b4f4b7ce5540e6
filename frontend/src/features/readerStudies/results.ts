import type { ReaderStudyRead } from '../../api/types';

/** The middle value; the mean of the two middle ones of an even number. Null without values. */
export function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle];
  const lower = sorted[middle - 1];
  if (upper === undefined) return null;
  return sorted.length % 2 === 1 || lower === undefined ? upper : (lower + upper) / 2;
}

export const isSubmitted = (read: ReaderStudyRead): boolean => read.state === 'submitted';

/** Active seconds of submitted reads; reads without a clock are left out, never counted as zero. */
export function activeSeconds(reads: readonly ReaderStudyRead[]): number[] {
  return reads.filter(isSubmitted).flatMap((read) => (read.active_s === null ? [] : [read.active_s]));
}

/** How many scores fell into each of the rows 1 to 5. */
export function rowCounts(reads: readonly ReaderStudyRead[]): number[] {
  const counts = [0, 0, 0, 0, 0];
  for (const { row } of reads) {
    if (row !== null && row >= 1 && row <= 5) counts[row - 1] = (counts[row - 1] ?? 0) + 1;
  }
  return counts;
}

export interface Agreement {
  equal: number;
  scored: number;
}

/** Reads in which the reader's row is the derived one. A figure without a test: both counts are shown. */
export function rowAgreement(reads: readonly ReaderStudyRead[]): Agreement {
  const both = reads.filter((read) => read.row !== null && read.derived_row !== null);
  return { equal: both.filter((read) => read.row === read.derived_row).length, scored: both.length };
}

/** [reader's row - 1][derived row - 1] -> number of reads. */
export function rowMatrix(reads: readonly ReaderStudyRead[]): number[][] {
  return [1, 2, 3, 4, 5].map((row) =>
    [1, 2, 3, 4, 5].map((derived) => reads.filter((read) => read.row === row && read.derived_row === derived).length),
  );
}

const BEGUN = new Set(['open', 'final']);

export function countStates(reads: readonly ReaderStudyRead[]): { submitted: number; begun: number; waiting: number } {
  const submitted = reads.filter(isSubmitted).length;
  const begun = reads.filter((read) => BEGUN.has(read.state)).length;
  return { submitted, begun, waiting: reads.length - submitted - begun };
}

/** A round number of minutes at or above `minutes`, and its steps, for an axis. */
export function axisSteps(minutes: number): number[] {
  const step = [1, 2, 5, 10, 20, 30, 60, 120].find((size) => minutes / size <= 6) ?? 240;
  const count = Math.max(1, Math.ceil(minutes / step));
  return Array.from({ length: count + 1 }, (_, index) => index * step);
}
