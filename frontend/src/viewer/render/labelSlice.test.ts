import { describe, expect, it } from 'vitest';

import { contours } from './labelSlice';

const plane = (rows: string[]): [Uint16Array, number, number] => [
  Uint16Array.from(rows.join(''), Number),
  (rows[0] as string).length,
  rows.length,
];

/** Area inside the loops: positive where the label lies on the right hand (y runs down). */
function area(loops: number[][]): number {
  let sum = 0;
  for (const loop of loops) {
    for (let i = 0; i < loop.length; i += 2) {
      const [x0, y0] = [loop[i] as number, loop[i + 1] as number];
      const [x1, y1] = [loop[(i + 2) % loop.length] as number, loop[(i + 3) % loop.length] as number];
      sum += (x0 * y1 - x1 * y0) / 2;
    }
  }
  return sum;
}

describe('contours', () => {
  it('draws one voxel as the square that it covers', () => {
    expect(contours(...plane(['000', '010', '000']))).toEqual(new Map([[1, [[0.5, 0.5, 1.5, 0.5, 1.5, 1.5, 0.5, 1.5]]]]));
  });

  it('leaves out corners on a straight edge', () => {
    expect(contours(...plane(['1111'])).get(1)).toEqual([[-0.5, -0.5, 3.5, -0.5, 3.5, 0.5, -0.5, 0.5]]);
  });

  it('gives voxels that touch at a corner outlines of their own', () => {
    const loops = contours(...plane(['10', '01'])).get(1) as number[][];
    expect(loops.map((loop) => area([loop]))).toEqual([1, 1]);
  });

  it('outlines a hole, so that the area is that of the voxels', () => {
    const loops = contours(...plane(['11111', '10001', '10101', '10001', '11111'])).get(1) as number[][];
    expect(loops).toHaveLength(3);
    expect(area(loops)).toBe(17);
  });

  it('keeps labels that touch apart', () => {
    const found = contours(...plane(['1122', '1122']));
    expect([...found].map(([label, loops]) => [label, loops.length, area(loops)])).toEqual([
      [1, 1, 4],
      [2, 1, 4],
    ]);
  });

  it('covers the area of any random picture', () => {
    let seed = 7;
    const pixels = Uint16Array.from({ length: 400 }, () => ((seed = (seed * 1103515245 + 12345) % 2147483648) >> 16) % 3);
    for (const [label, loops] of contours(pixels, 20, 20)) expect(area(loops)).toBe(pixels.filter((one) => one === label).length);
  });
});
