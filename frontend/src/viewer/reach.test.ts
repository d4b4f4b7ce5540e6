import { describe, expect, it } from 'vitest';

import { Grid } from './grid';
import { sidesAt } from './mip';
import { reachOf } from './reach';

const ct = new Grid({
  shape_zyx: [30, 20, 10],
  spacing_xyz_mm: [2, 2, 5],
  origin_xyz_mm: [-9, -19, -100],
  direction: [1, 0, 0, 0, 1, 0, 0, 0, 1],
});

describe('how far a volume reaches', () => {
  it('says nothing where the plane meets it, to the outer faces of its voxels', () => {
    expect(reachOf(ct, 'axial', [500, 500, -102.4])).toBeNull();
    expect(reachOf(ct, 'axial', [0, 0, 47.4])).toBeNull();
  });
  it('gives the outer faces in mm where it does not', () => {
    expect(reachOf(ct, 'axial', [0, 0, -102.6])).toEqual([-102.5, 47.5]);
    expect(reachOf(ct, 'coronal', [0, 21, 0])).toEqual([-20, 20]);
    expect(reachOf(ct, 'sagittal', [-11, 0, 0])).toEqual([-10, 10]);
  });
});

describe('the sides of the turning picture', () => {
  it.each([
    [0, 'R', 'L'],
    [90, 'A', 'P'],
    [180, 'L', 'R'],
    [270, 'P', 'A'],
    [350, 'R', 'L'],
  ] as const)('at %d degrees %s is at the left, %s at the right', (angle, left, right) => {
    expect(sidesAt(angle)).toEqual([left, right]);
  });
});
