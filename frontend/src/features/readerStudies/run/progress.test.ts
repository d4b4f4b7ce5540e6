import { describe, expect, it } from 'vitest';

import { parseProgress } from '../../../api/endpoints/readerStudyRun';

const progress = { at: '2026-01-01T00:00:00Z', totals: {}, readers: [], pooled: {}, flags: [], waiting: [], looks: [] };

describe('a message of the study socket', () => {
  it('holds the progress', () => {
    expect(parseProgress({ type: 'progress', progress })).toBe(progress);
  });

  it.each([[null], ['progress'], [{ type: 'jobs', progress }], [{ type: 'progress' }], [{ type: 'progress', progress: { at: progress.at } }]])('is dropped when it is another: %j', (message) => {
    expect(parseProgress(message)).toBeNull();
  });
});
