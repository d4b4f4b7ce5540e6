import { describe, expect, it } from 'vitest';

import { LabelStore } from '../../../viewer/labelStore';
import { planeAxes } from '../../../viewer/orientation';
import { smallGrid } from '../../../viewer/testing/cases';
import { type Gate, Stroke } from './stroke';

const grid = smallGrid([7, 9, 9], [2, 2, 2]);
const axes = planeAxes(grid, 'axial');
const suv = Float32Array.from({ length: grid.voxelCount }, (_, index) => grid.unflat(index)[0]);
const gate: Gate = { suv, limit: 4, parameters: { rule: 'fixed' } };
const drawn = (store: LabelStore, options: { ball?: boolean; erases?: boolean; gate?: Gate | null }, at: [number, number, number] = [4, 4, 3]) => {
  const stroke = new Stroke(store, axes, at, { radiusMm: 4, erases: false, ball: false, gate: null, ...options }, null);
  return stroke.finish();
};
const empty = (): LabelStore => new LabelStore(grid, new Uint16Array(grid.voxelCount));

describe('a stroke', () => {
  it('is a disc on its slice, or a ball', () => {
    const flat = empty();
    flat.apply(drawn(flat, {})!.patch, 'brush');
    expect(new Set([...flat.voxels(1)].map((index) => grid.unflat(index)[2]))).toEqual(new Set([3]));
    const ball = empty();
    ball.apply(drawn(ball, { ball: true })!.patch, 'brush');
    // Centres within two voxels of a voxel: 1 + 6 + 12 + 8 + 6.
    expect(ball.voxels(1).length).toBe(33);
  });

  it('paints only above its gate and says so', () => {
    const store = empty();
    const change = drawn(store, { ball: true, gate })!;
    store.apply(change.patch, 'brush');
    expect([...store.voxels(1)].every((index) => suv[index]! > 4)).toBe(true);
    expect(store.voxels(1).length).toBe(10);
    expect(change.parameters).toMatchObject({ shape: 'ball', gate: { limit_suv: 4, rule: 'fixed' } });
    expect(change.lesions).toEqual([{ label: 1, boundary_rule: 'brush, SUV > 4.00' }]);
  });

  it('erases only what is not above its gate', () => {
    const store = empty();
    store.apply(drawn(store, { ball: true })!.patch, 'brush');
    store.apply(drawn(store, { ball: true, erases: true, gate })!.patch, 'erase');
    expect([...store.voxels(1)].every((index) => suv[index]! > 4)).toBe(true);
    expect(store.voxels(1).length).toBe(10);
  });
});
