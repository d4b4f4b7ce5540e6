import { describe, expect, it } from 'vitest';

import { smallGrid } from '../../../viewer/testing/cases';
import { boxFrom, type PlanesShape, polygonMask, shapeJson, signedDistance } from './voiShapes';

const grid = smallGrid([9, 20, 20], [2, 2, 3]);
const square = (low: number, high: number): [number, number][] => [
  [low, low],
  [high, low],
  [high, high],
  [low, high],
];
const count = (mask: Uint8Array | null): number => mask?.reduce((sum, one) => sum + one, 0) ?? 0;

describe('shapes of a volume of interest', () => {
  it('measure the distance to a polygon in mm, negative inside', () => {
    expect(signedDistance(square(4, 8), 6, 6, [2, 2])).toBeCloseTo(-4);
    expect(signedDistance(square(4, 8), 10, 6, [2, 2])).toBeCloseTo(4);
    expect(signedDistance(square(4, 8), 11, 12, [2, 2])).toBeCloseTo(10);
  });

  it('interpolate between drawn planes and end with them', () => {
    const shape: PlanesShape = { kind: 'planes', axis: 2, polygons: [{ index: 6, points: square(5.5, 9.5) }, { index: 2, points: square(3.5, 11.5) }] };
    expect(count(polygonMask(grid, shape, 2))).toBe(64);
    expect(count(polygonMask(grid, shape, 6))).toBe(16);
    // Half way between squares of 8 and of 4 voxels lies one of 6.
    expect(count(polygonMask(grid, shape, 4))).toBe(36);
    expect(polygonMask(grid, shape, 1)).toBeNull();
    expect(polygonMask(grid, shape, 7)).toBeNull();
  });

  it('make a box as deep as it is wide on the mean, cut at the image', () => {
    // 11 x 11 voxels of 2 mm are 22 mm: 3 voxels of 3 mm on each side of the slice.
    expect(boxFrom(grid, 2, [4, 4, 4], [14, 14, 4], null)).toEqual({ kind: 'box', from_xyz: [4, 4, 1], to_xyz: [14, 14, 7] });
    expect(boxFrom(grid, 2, [14, -3, 0], [4, 14, 0], null)).toMatchObject({ from_xyz: [4, 0, 0], to_xyz: [14, 14, 4] });
  });

  it('are given to the server in its own words', () => {
    expect(shapeJson(grid, { kind: 'sphere', centre: [1, 2, 3], radius_mm: 8 })).toEqual({ kind: 'sphere', centre_xyz_mm: [2, 4, 9], radius_mm: 8 });
    expect(shapeJson(grid, { kind: 'planes', axis: 0, polygons: [{ index: 4, points: [[1, 2]] }] })).toEqual({
      kind: 'planes',
      axis: 'x',
      polygons: [{ index: 4, points: [[1, 2]] }],
    });
  });
});
