import { describe, expect, it } from 'vitest';

import { LabelStore } from './labelStore';
import { planeAxes } from './orientation';
import { touchedLabels } from './patch';
import { deletePatch, discVoxels, eraseStroke, fillPatch, lineVoxels, paintStroke } from './strokes';
import { smallGrid } from './testing/cases';

const grid = smallGrid([3, 6, 12], [2, 2, 3]);
const row = (from: number, to: number, y = 2, z = 1): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => grid.flat(from + i, y, z));

function storeWith(lesions: Record<number, number[]>): LabelStore {
  const labels = new Uint16Array(grid.voxelCount);
  for (const [label, voxels] of Object.entries(lesions)) for (const index of voxels) labels[index] = Number(label);
  return new LabelStore(grid, labels);
}

describe('a brush stroke', () => {
  it('extends the active lesion when it touches it', () => {
    const store = storeWith({ 4: row(1, 3) });
    const stroke = paintStroke(store, row(4, 6), 4);
    store.apply(stroke!.patch, 'brush');
    expect(stroke!.label).toBe(4);
    expect([...store.voxels(4)]).toEqual(row(1, 6));
  });

  it('extends it across a corner too', () => {
    const store = storeWith({ 4: row(1, 3, 2, 0) });
    expect(paintStroke(store, row(4, 5, 3, 1), 4)!.label).toBe(4);
  });

  it('starts a new lesion with the next free number when it touches nothing', () => {
    const store = storeWith({ 4: row(1, 2) });
    const stroke = paintStroke(store, row(7, 9), 4);
    store.apply(stroke!.patch, 'brush');
    expect(stroke!.label).toBe(5);
    expect([...store.voxels(4)]).toEqual(row(1, 2));
  });

  it('never paints over another lesion, and what lies behind it is a lesion of its own', () => {
    const store = storeWith({ 1: row(0, 1), 2: [...row(5, 5), ...row(5, 5, 1), ...row(5, 5, 3)] });
    const stroke = paintStroke(store, row(2, 8), 1);
    store.apply(stroke!.patch, 'brush');
    expect([...store.voxels(2)].sort((a, b) => a - b)).toEqual([...row(5, 5, 1), ...row(5, 5), ...row(5, 5, 3)]);
    expect([...store.voxels(1)]).toEqual(row(0, 4));
    expect([...store.voxels(3)]).toEqual(row(6, 8));
    expect(stroke!.label).toBe(1);
  });

  it('changes nothing where every voxel is taken', () => {
    expect(paintStroke(storeWith({ 1: row(0, 4) }), row(1, 3), 1)).toBeNull();
  });
});

describe('an eraser stroke', () => {
  it('takes voxels of one lesion only', () => {
    const store = storeWith({ 1: row(0, 3), 2: row(4, 7) });
    const stroke = eraseStroke(store, row(3, 5), 1);
    expect([...touchedLabels(stroke!.patch)]).toEqual([1]);
    store.apply(stroke!.patch, 'erase');
    expect([...store.voxels(1)]).toEqual(row(0, 2));
    expect([...store.voxels(2)]).toEqual(row(4, 7));
  });

  it('that cuts a lesion apart leaves its number to the largest part', () => {
    const store = storeWith({ 7: row(0, 9) });
    store.apply(eraseStroke(store, row(6, 6), 7)!.patch, 'erase');
    expect([...store.voxels(7)]).toEqual(row(0, 5));
    expect([...store.voxels(8)]).toEqual(row(7, 9));
  });

  it('leaves an imported lesion of two pieces in two pieces', () => {
    const store = storeWith({ 7: [...row(0, 2), ...row(6, 9)] });
    store.apply(eraseStroke(store, row(9, 9), 7)!.patch, 'erase');
    expect(store.present).toEqual([7]);
    expect([...store.voxels(7)]).toEqual([...row(0, 2), ...row(6, 8)]);
  });

  it('changes nothing beside the lesion', () => {
    expect(eraseStroke(storeWith({ 1: row(0, 3) }), row(6, 9), 1)).toBeNull();
  });
});

describe('whole lesions', () => {
  it('are deleted and filled without touching others', () => {
    const store = storeWith({ 1: row(0, 3), 2: row(4, 7) });
    store.apply(deletePatch(store, 2), 'delete');
    expect(store.present).toEqual([1]);
    store.apply(fillPatch(store, Int32Array.from(row(2, 6)), 3), 'add_seed');
    expect([...store.voxels(1)]).toEqual(row(0, 3));
    expect([...store.voxels(3)]).toEqual(row(4, 6));
  });
});

describe('a disc', () => {
  const axes = planeAxes(grid, 'axial');

  it('holds the voxels whose centres lie within its radius', () => {
    // 2 mm voxels, radius 2 mm: the centre and its four neighbours.
    const disc = discVoxels(grid, axes, [5, 3, 1], 2).sort((a, b) => a - b);
    expect(disc).toEqual([grid.flat(5, 2, 1), ...row(4, 6, 3), grid.flat(5, 4, 1)].sort((a, b) => a - b));
  });

  it('smaller than a voxel still holds the nearest one', () => {
    expect(discVoxels(grid, axes, [5.4, 2.6, 1], 0.1)).toEqual([grid.flat(5, 3, 1)]);
  });

  it('is cut at the border and lies in its own plane', () => {
    const coronal = planeAxes(grid, 'coronal');
    const disc = discVoxels(grid, coronal, [0, 3, 0], 3);
    expect(disc.every((index) => grid.unflat(index)[1] === 3)).toBe(true);
    expect(disc.length).toBe(3); // itself, one to the left, one above
  });

  it('drawn along a line leaves no gap', () => {
    const line = lineVoxels(grid, axes, [0, 3, 1], [11, 3, 1], 0.5);
    expect(row(0, 11, 3).every((index) => line.has(index))).toBe(true);
  });
});
