import { describe, expect, it } from 'vitest';

import { LabelStore } from '../../../viewer/labelStore';
import { smallGrid } from '../../../viewer/testing/cases';
import { compareLabels, splitVoxels } from './comparison';
import { meanInside } from './disagreement';

const grid = smallGrid();
const store = (voxels: Record<number, number>): LabelStore => {
  const labels = new Uint16Array(grid.voxelCount);
  for (const [index, label] of Object.entries(voxels)) labels[Number(index)] = label;
  return new LabelStore(grid, labels);
};

describe('a difference by number', () => {
  // 1 is kept, 2 gained a voxel and lost one, 3 is new, 4 was deleted.
  const here = store({ 0: 1, 10: 2, 11: 2, 30: 3 });
  const there = store({ 0: 1, 11: 2, 12: 2, 40: 4, 41: 4 });
  const difference = compareLabels(here, there, 0.5, 'number');

  it('tells what is only here, only there, changed and the same', () => {
    expect(difference.lesions.map((one) => [one.label, one.kind, one.gainedMl, one.lostMl])).toEqual([
      [1, 'same', 0, 0],
      [2, 'changed', 0.5, 0.5],
      [3, 'gained', 0.5, 0],
      [4, 'lost', 0, 1],
    ]);
    expect(difference.counts).toEqual({ gained: 1, lost: 1, changed: 1, same: 1 });
  });

  it('adds up mL over voxels, not over lesions', () => {
    expect([difference.gainedMl, difference.lostMl, difference.bothMl]).toEqual([1, 1.5, 1]);
  });

  it('counts a voxel that changed its lesion for both, and as no mL', () => {
    const moved = compareLabels(store({ 5: 1, 6: 2 }), store({ 5: 1, 6: 1 }), 1, 'number');
    expect(moved.lesions.map((one) => [one.label, one.kind])).toEqual([
      [1, 'changed'],
      [2, 'gained'],
    ]);
    expect([moved.gainedMl, moved.lostMl]).toEqual([0, 0]);
  });
});

describe('a difference by overlap', () => {
  // Numbers of a reference mean nothing: 7 is our 1, 8 and 9 lie under our 2, 6 is missed, 3 is ours alone.
  const here = store({ 0: 1, 10: 2, 11: 2, 12: 2, 50: 3 });
  const there = store({ 0: 7, 10: 8, 12: 9, 60: 6 });

  it('finds the partners by voxels', () => {
    const { lesions, counts } = compareLabels(here, there, 1, 'overlap');
    expect(lesions.map((one) => [one.label, one.kind, one.touches])).toEqual([
      [1, 'same', [7]],
      [2, 'changed', [8, 9]],
      [3, 'gained', []],
      [6, 'lost', []],
    ]);
    expect(counts).toEqual({ gained: 1, lost: 1, changed: 1, same: 1 });
  });
});

describe('the voxels of a difference', () => {
  it('are split into only here, only there, both', () => {
    const split = splitVoxels(store({ 1: 1, 2: 1 }), store({ 2: 5, 3: 5 }));
    expect([[...split.here], [...split.there], [...split.both]]).toEqual([[1], [3], [2]]);
  });
});

describe('model disagreement', () => {
  it('is the mean share inside each lesion', () => {
    const shares = new Uint8Array(grid.voxelCount);
    shares.set([255, 51], 10);
    expect([...meanInside(store({ 10: 1, 11: 1, 20: 2 }), shares)]).toEqual([
      [1, 0.6],
      [2, 0],
    ]);
  });
});
