import { describe, expect, it } from 'vitest';

import { LabelStore } from '../../viewer/labelStore';
import { encodePatch, type Patch } from '../../viewer/patch';
import { mergePatch } from '../../viewer/strokes';
import { smallGrid } from '../../viewer/testing/cases';
import { historyOf } from './editor';
import type { EditKind, QueuedEdit } from './saveQueue';

const grid = smallGrid();
const runs = (...numbers: number[]): Patch => Uint32Array.from(numbers);

function edit(kind: EditKind, patch: string, tool = 'brush'): QueuedEdit {
  const body = { id: tool, parent: '', tool, parameters: {}, grid_digest: '', patch, lesions: [{ label: 1, site: 'rib' }] };
  return { id: tool, read: 'r', kind, state: 'stored', body, before: [{ label: 1, site: '' }] };
}

describe('the history of an earlier load of the page', () => {
  it('is what undo and redo had left', () => {
    const [a, b] = [encodePatch(runs(0, 2, 0, 1)), encodePatch(runs(4, 1, 0, 2))];
    const { undo, redo } = historyOf([edit('apply', a, 'one'), edit('apply', b, 'two'), edit('undo', b), edit('undo', a), edit('redo', a)]);
    expect(undo.map((one) => one.tool)).toEqual(['one']);
    expect(redo.map((one) => one.tool)).toEqual(['two']);
    expect(undo[0]!.texts).toEqual({ before: [{ label: 1, site: '' }], after: [{ label: 1, site: 'rib' }] });
  });

  it('ends at an edit that cannot be read', () => {
    const good = encodePatch(runs(0, 2, 0, 1));
    expect(historyOf([edit('apply', good, 'old'), edit('apply', '%%%'), edit('apply', good, 'new')]).undo.map((one) => one.tool)).toEqual(['new']);
  });

  it('is kept a hundred edits deep and walks all the way back', () => {
    const labels = new Uint16Array(grid.voxelCount);
    labels.fill(1, 0, 110);
    const store = new LabelStore(grid, labels);
    store.restoreHistory(Array.from({ length: 110 }, (_, n) => ({ patch: runs(n, 1, 0, 1), tool: `${n}` })), []);
    for (let n = 0; n < 100; n++) expect(store.undo()).not.toBeNull();
    expect(store.undo()).toBeNull();
    expect(store.voxels(1).length).toBe(10);
  });

  it('is dropped from the first edit on that does not fit the voxels', () => {
    const labels = new Uint16Array(grid.voxelCount);
    labels.fill(1, 0, 4);
    const store = new LabelStore(grid, labels);
    const fits = { patch: runs(2, 2, 0, 1), tool: 'fits' };
    store.restoreHistory([{ patch: runs(0, 2, 0, 9), tool: 'foreign' }, fits], [{ patch: runs(0, 1, 5, 6), tool: 'foreign' }]);
    expect(store.canRedo).toBeUndefined();
    expect(store.undo()?.tool).toBe('fits');
    expect(store.undo()).toBeNull();
    expect([...store.labels.slice(0, 4)]).toEqual([1, 1, 0, 0]);
  });

  it('never holds runs beyond the image, out of order or with a label that is none', () => {
    const store = new LabelStore(grid, new Uint16Array(grid.voxelCount));
    for (const bad of [runs(grid.voxelCount - 1, 2, 1, 0), runs(5, 1, 1, 0, 4, 1, 1, 0), runs(0, 1, 0, 255), runs(0, 1, 0)]) {
      store.restoreHistory([], [{ patch: bad, tool: 'bad' }]);
      expect(store.canRedo).toBeUndefined();
    }
  });
});

describe('a merge', () => {
  it('gives all voxels of one lesion to the other, in however many pieces', () => {
    const labels = new Uint16Array(grid.voxelCount);
    labels.fill(3, 0, 2);
    labels.fill(8, 60, 63);
    const store = new LabelStore(grid, labels);
    store.apply(mergePatch(store, 8, 3), 'merge');
    expect(store.present).toEqual([3]);
    expect([...store.voxels(3)]).toEqual([0, 1, 60, 61, 62]);
  });
});
