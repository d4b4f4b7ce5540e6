import { afterEach, describe, expect, it, vi } from 'vitest';

import { LabelStore } from '../../../viewer/labelStore';
import { smallGrid } from '../../../viewer/testing/cases';
import type { ReadingSession } from '../session';
import { Store } from '../store';
import { Disagreement } from './disagreement';

const grid = smallGrid();

/** As much of the room as the map needs. */
function room(read: object): { session: ReadingSession; state: Store<{ disagreement: unknown; message: unknown }>; layers: Map<string, unknown> } {
  const labels = new Uint16Array(grid.voxelCount).fill(3, 0, 2);
  const layers = new Map<string, unknown>();
  const state = new Store<{ disagreement: unknown; message: unknown }>({ disagreement: null, message: null });
  const planes = { setLayer: (name: string, layer: unknown) => layers.set(name, layer) };
  const session = { read, state, planes, editor: { labels: new LabelStore(grid, labels) }, ended: new AbortController().signal };
  return { session: session as unknown as ReadingSession, state, layers };
}

describe('model disagreement', () => {
  afterEach(() => vi.unstubAllGlobals());
  const answer = (bytes: Uint8Array<ArrayBuffer>) => {
    const fetch = vi.fn(() => Promise.resolve(new Response(bytes)));
    vi.stubGlobal('fetch', fetch);
    return fetch;
  };

  it('is never asked for where the read does not say that there is some', async () => {
    const fetch = answer(new Uint8Array(grid.voxelCount));
    for (const read of [{ id: 'r' }, { id: 'r', has_disagreement: false }]) {
      const { session, state } = room(read);
      const map = new Disagreement(session);
      await map.load();
      map.toggle();
      expect(map.state.get().shown).toBe(false);
      expect(state.get().disagreement).toBeNull();
    }
    expect(fetch).not.toHaveBeenCalled();
  });

  it('is asked for once, measured in each lesion and shown on a key', async () => {
    const fetch = answer(new Uint8Array(grid.voxelCount).fill(51));
    const { session, state, layers } = room({ id: 'r', has_disagreement: true });
    const map = new Disagreement(session);
    await map.load();
    expect(fetch.mock.calls).toHaveLength(1);
    expect(state.get().disagreement).toEqual(new Map([[3, 0.2]]));
    expect(layers.get('disagreement')).toBeNull();
    map.toggle();
    expect(layers.get('disagreement')).not.toBeNull();
  });

  it('is left out, with a word, where the map does not fit the PET', async () => {
    answer(new Uint8Array(3));
    const { session, state } = room({ id: 'r', has_disagreement: true });
    const map = new Disagreement(session);
    await map.load();
    expect(map.state.get().offered).toBe(false);
    expect(state.get().message).toContain('Model disagreement');
  });
});
