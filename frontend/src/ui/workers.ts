import type { LivingWorkers } from '../api/types';

/** What waits because nobody runs it; null where all is well. */
export function whatWaits({ gpu, cpu }: LivingWorkers): string | null {
  if (gpu === 0 && cpu === 0) return 'No worker is running: AI results and imports will wait.';
  if (gpu === 0) return 'No worker for AI segmentations is running: AI results will wait. Imports go on.';
  if (cpu === 0) return 'No worker for imports is running: imports will wait. AI segmentations go on.';
  return null;
}
