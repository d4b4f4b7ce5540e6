import { describe, expect, it } from 'vitest';

import type { Question } from '../../../api/types';
import { encodePatch } from '../../../viewer/patch';
import { type ProposalAnswer, Proposals } from './proposals';

interface Asked {
  readonly question: Question;
  readonly signal: AbortSignal;
  answer(voxel: number): void;
  refuse(error: Error): void;
}

function host() {
  const asked: Asked[] = [];
  const events: string[] = [];
  const proposals = new Proposals({
    stored: () => Promise.resolve('v1'),
    post: (question, signal) =>
      new Promise<ProposalAnswer>((resolve, reject) => {
        const patch = (voxel: number): string => encodePatch(Uint32Array.from([voxel, 1, 0, 7]));
        asked.push({
          question,
          signal,
          answer: (voxel) => resolve({ patch: patch(voxel), lesions: [], tool: 'grow', parameters: {}, report: { volume_ml: 2, warnings: [{ code: 'x', message: 'Mind.' }] } }),
          refuse: reject,
        });
      }),
    record: (kind) => events.push(kind),
  });
  return { asked, events, proposals };
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

describe('proposals', () => {
  it('ask on the stored version and read the report', async () => {
    const { asked, events, proposals } = host();
    const waiting = proposals.ask('grow', { label: 7, mm: 2 });
    await turn();
    expect(asked[0]!.question).toEqual({ version: 'v1', method: 'grow', parameters: { label: 7, mm: 2 } });
    asked[0]!.answer(5);
    const answer = await waiting;
    expect([...answer!.patch]).toEqual([5, 1, 0, 7]);
    expect(answer!.report).toMatchObject({ numbers: { volume_ml: 2 }, warnings: ['Mind.'] });
    expect(events).toEqual(['computing_begin', 'computing_end']);
  });

  it('drop an answer that a newer question overtook, and abort its request', async () => {
    const { asked, events, proposals } = host();
    const first = proposals.ask('grow', { mm: 1 });
    await turn();
    const second = proposals.ask('grow', { mm: 2 });
    await turn();
    expect(asked.map((one) => one.signal.aborted)).toEqual([true, false]);
    asked[1]!.answer(6);
    asked[0]!.answer(5);
    expect(await first).toBeNull();
    expect([...(await second)!.patch]).toEqual([6, 1, 0, 7]);
    expect(events.filter((kind) => kind === 'computing_begin')).toHaveLength(2);
    expect(events.filter((kind) => kind === 'computing_end')).toHaveLength(2);
  });

  it('end a wait for the save queue when they are forgotten', async () => {
    const events: string[] = [];
    const proposals = new Proposals({ stored: () => new Promise(() => undefined), post: () => Promise.reject(new Error('never')), record: (kind) => events.push(kind) });
    const waiting = proposals.ask('smooth', {});
    proposals.forget();
    expect(await waiting).toBeNull();
    expect(events).toEqual(['computing_begin', 'computing_end']);
  });

  it('throw what the server refused, and swallow the refusal of an overtaken question', async () => {
    const { asked, proposals } = host();
    const refused = proposals.ask('smooth', {});
    await turn();
    asked[0]!.refuse(new Error('nothing changes'));
    await expect(refused).rejects.toThrow('nothing changes');
    const overtaken = proposals.ask('smooth', {});
    await turn();
    proposals.forget();
    asked[1]!.refuse(new Error('aborted'));
    expect(await overtaken).toBeNull();
  });
});
