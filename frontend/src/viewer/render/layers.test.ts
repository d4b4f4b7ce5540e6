import { describe, expect, it } from 'vitest';

import { planeAxes } from '../orientation';
import { smallGrid } from '../testing/cases';
import { agreementOf, BOTH, cutRadius, HERE, shareColour, sparseSlice, THERE } from './layers';

describe('a sphere in a plane', () => {
  it('is cut in a circle that shrinks to nothing at its radius', () => {
    expect(cutRadius(15, 0)).toBe(15);
    expect(cutRadius(15, 9)).toBe(12);
    expect(cutRadius(15, -9)).toBe(12);
    expect(cutRadius(15, 15)).toBeNull();
  });
});

describe('voxel lists on a slice', () => {
  const grid = smallGrid();
  it('lie where the plane shows them, with the head up', () => {
    const lists: [number, Int32Array][] = [[7, Int32Array.from([grid.flat(1, 2, 3), grid.flat(4, 4, 0)])]];
    const axial = sparseSlice(grid, planeAxes(grid, 'axial'), 3, lists);
    expect(axial?.[2 * 6 + 1]).toBe(7);
    expect(axial?.reduce((a, b) => a + b, 0)).toBe(7);
    // Coronal: 6 columns, 4 rows, the topmost slice first.
    expect(sparseSlice(grid, planeAxes(grid, 'coronal'), 2, lists)?.[1]).toBe(7);
    expect(sparseSlice(grid, planeAxes(grid, 'axial'), 1, lists)).toBeNull();
  });
});

describe('colours', () => {
  it('tell only here, only there and both apart', () => {
    expect([agreementOf(0, 0), agreementOf(4, 0), agreementOf(0, 9), agreementOf(4, 9)]).toEqual([0, HERE, THERE, BOTH]);
  });

  it('of a share grow lighter and more opaque', () => {
    const weights = [0, 0.1, 0.3, 0.5, 0.8, 1].map((share) => {
      const [r, g, b, a] = shareColour(share);
      return [0.2126 * r + 0.7152 * g + 0.0722 * b, a] as const;
    });
    for (let i = 1; i < weights.length; i++) {
      expect(weights[i]![0]).toBeGreaterThan(weights[i - 1]![0]);
      expect(weights[i]![1]).toBeGreaterThan(weights[i - 1]![1]);
    }
    expect(shareColour(2)).toEqual(shareColour(1));
  });
});
