import { describe, expect, it } from 'vitest';

import { whatWaits } from './workers';

describe('what waits for a worker', () => {
  it('says nothing while both kinds run', () => {
    expect(whatWaits({ gpu: 1, cpu: 2 })).toBeNull();
  });
  it('names what waits, and what goes on', () => {
    expect(whatWaits({ gpu: 0, cpu: 0 })).toBe('No worker is running: AI results and imports will wait.');
    expect(whatWaits({ gpu: 0, cpu: 1 })).toMatch(/AI results will wait\. Imports go on/);
    expect(whatWaits({ gpu: 1, cpu: 0 })).toMatch(/imports will wait\. AI segmentations go on/);
  });
});
