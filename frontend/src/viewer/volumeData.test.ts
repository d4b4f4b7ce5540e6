import { describe, expect, it } from 'vitest';

import { asStored, readBody, toFloat32, toHounsfield } from './volumeData';

const stream = (...parts: number[][]): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(Uint8Array.from(part));
      controller.close();
    },
  });

describe('a body of voxels', () => {
  it('arrives piece by piece and tells its share', async () => {
    const shares: number[] = [];
    const buffer = await readBody(stream([1, 0], [255, 255]), 4, (share) => shares.push(share));
    expect([...asStored(buffer, 'int16')]).toEqual([1, -1]);
    expect([...asStored(buffer, 'uint16')]).toEqual([1, 65535]);
    expect(shares).toEqual([0.5, 1]);
  });

  it('that is too short or too long is refused', async () => {
    await expect(readBody(stream([1]), 4, () => undefined)).rejects.toThrow('1 of 4');
    await expect(readBody(stream([1, 2, 3, 4, 5]), 4, () => undefined)).rejects.toThrow('more');
  });
});

describe('voxels', () => {
  it('are computed in float32 with the factors of their own slice', async () => {
    const values = await toFloat32(Int16Array.from([3, 5, 3, 5]), 2, { slopes: [0.1, 0.3], intercepts: [0, 1] });
    expect([...values]).toEqual([
      Math.fround(3 * Math.fround(0.1)),
      Math.fround(5 * Math.fround(0.1)),
      Math.fround(Math.fround(3 * Math.fround(0.3)) + 1),
      Math.fround(Math.fround(5 * Math.fround(0.3)) + 1),
    ]);
  });

  it('of a CT with whole factors become HU in the same memory', async () => {
    const stored = Uint16Array.from([0, 1024, 4095]);
    const hu = await toHounsfield(stored, 3, { slopes: [1], intercepts: [-1024] });
    expect([...hu]).toEqual([-1024, 0, 3071]);
    expect(hu.buffer).toBe(stored.buffer);
  });

  it('of a CT with other factors become float32', async () => {
    const hu = await toHounsfield(Int16Array.from([10]), 1, { slopes: [0.5], intercepts: [0.25] });
    expect(hu).toBeInstanceOf(Float32Array);
    expect(hu[0]).toBe(5.25);
  });
});
