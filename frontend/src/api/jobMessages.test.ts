import { describe, expect, it } from 'vitest';

import { aJob } from './aJob';
import { parseJobMessage } from './jobMessages';

const parse = parseJobMessage;

describe('a message of the job socket', () => {
  it('is a list of jobs, one job, or a word that the worklist changed', () => {
    expect(parse({ type: 'jobs', jobs: [aJob()] })).toEqual({ type: 'jobs', jobs: [aJob()] });
    expect(parse({ type: 'job', job: aJob() })).toEqual({ type: 'job', job: aJob() });
    expect(parse({ type: 'worklist' })).toEqual({ type: 'worklist' });
  });

  it('may know more fields than this page', () => {
    expect(parse({ type: 'job', job: { ...aJob(), queue: 'gpu' } })).not.toBeNull();
  });

  it.each([
    ['no object', [1]],
    ['nothing', null],
    ['an unknown type', { type: 'party' }],
    ['a job that is missing', { type: 'job' }],
  ])('is dropped when it is %s', (_, message) => {
    expect(parseJobMessage(message)).toBeNull();
  });

  it.each([
    ['an unknown state', { state: 'exploded' }],
    ['progress beyond 1', { progress: 1.5 }],
    ['progress that is no number', { progress: '0.5' }],
    ['a release without a name', { release: { id: 'r' } }],
    ['a time that is no text', { started_at: 12 }],
  ])('is dropped for %s', (_, wrong) => {
    expect(parse({ type: 'job', job: { ...aJob(), ...wrong } })).toBeNull();
    expect(parse({ type: 'jobs', jobs: [aJob(), { ...aJob(), ...wrong }] })).toBeNull();
  });

  it('is dropped when a field is left out', () => {
    const rest: Record<string, unknown> = { ...aJob() };
    delete rest['stage'];
    expect(parse({ type: 'job', job: rest })).toBeNull();
  });
});
