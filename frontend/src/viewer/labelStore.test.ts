import { describe, expect, it } from 'vitest';

import { LabelStore, UNDO_DEPTH } from './labelStore';
import { PatchConflict, patchFrom } from './patch';
import { smallGrid } from './testing/cases';

const grid = smallGrid([4, 10, 10]);
const empty = (): LabelStore => new LabelStore(grid, new Uint16Array(grid.voxelCount));
const paint = (store: LabelStore, indices: number[], label: number): void =>
  store.apply(patchFrom(store.labels, indices, () => label), 'test');

describe('the label store', () => {
  it('knows the voxels of every lesion it was given', () => {
    const labels = new Uint16Array(grid.voxelCount);
    labels.set([3, 3, 0, 9], 20);
    const store = new LabelStore(grid, labels);
    expect(store.present).toEqual([3, 9]);
    expect([...store.voxels(3)]).toEqual([20, 21]);
    expect([...store.voxels(9)]).toEqual([23]);
  });

  it('refuses a label map of another grid', () => {
    expect(() => new LabelStore(grid, new Uint16Array(3))).toThrow('grid');
  });

  it('undoes and redoes in order, and a new edit drops what was undone', () => {
    const store = empty();
    paint(store, [1, 2, 3], 1);
    paint(store, [3, 4], 2);
    expect([...store.voxels(1)]).toEqual([1, 2]);
    store.undo();
    expect([...store.voxels(1)]).toEqual([1, 2, 3]);
    expect(store.voxels(2).length).toBe(0);
    store.redo();
    expect([...store.voxels(2)]).toEqual([3, 4]);
    store.undo();
    paint(store, [9], 5);
    expect(store.redo()).toBeNull();
    store.undo();
    store.undo();
    expect(store.labels.every((label) => label === 0)).toBe(true);
    expect(store.undo()).toBeNull();
  });

  it(`takes back ${UNDO_DEPTH} edits and no more`, () => {
    const store = empty();
    for (let n = 0; n < UNDO_DEPTH + 20; n++) paint(store, [n], 1);
    let count = 0;
    while (store.undo()) count += 1;
    expect(count).toBe(UNDO_DEPTH);
    expect(store.voxels(1).length).toBe(20);
  });

  it('never gives a number twice, nor 255', () => {
    const store = empty();
    expect(store.nextLabel()).toBe(1);
    paint(store, [5], 254);
    expect(store.nextLabel()).toBe(256);
    store.undo();
    expect(store.nextLabel()).toBe(256);
    store.reserve([300]);
    expect(store.nextLabel()).toBe(301);
  });

  it('refuses a patch made on another state and changes nothing', () => {
    const store = empty();
    paint(store, [5, 6], 1);
    const before = store.labels.slice();
    expect(() => store.apply(Uint32Array.from([4, 3, 0, 2]), 'test')).toThrow(PatchConflict);
    expect(store.labels).toEqual(before);
    expect(store.canUndo?.tool).toBe('test');
  });

  it('tells which lesions an edit touched', () => {
    const store = empty();
    const told: number[][] = [];
    store.subscribe((touched) => told.push([...touched].sort()));
    paint(store, [5, 6], 1);
    paint(store, [6, 7], 2);
    store.undo();
    expect(told).toEqual([[1], [1, 2], [1, 2]]);
  });
});

describe('a patch', () => {
  it('joins neighbouring voxels of one change into a run', () => {
    const labels = Uint16Array.from([0, 0, 7, 7, 0, 0]);
    expect([...patchFrom(labels, [0, 1, 2, 3, 5], () => 7)]).toEqual([0, 2, 0, 7, 5, 1, 0, 7]);
    expect(patchFrom(labels, [2, 3], () => 7).length).toBe(0);
  });
});
