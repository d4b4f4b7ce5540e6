import { describe, expect, it } from 'vitest';

import { bodyBox, bodyFrame, greyTable, MipGeometry, paintFrame, usualMaximum, type MipFrames } from './mip';
import { fitCamera, PlaneView } from './planeView';
import { planeAxes } from './orientation';
import { smallGrid } from './testing/cases';

// 10 rows, 20 columns of 2 mm; seen from the front the body covers columns 5..12, from the left 8..11, rows 2..7.
const grid = smallGrid([10, 20, 20], [2, 2, 3]);
const anglesDeg = [0, 90];

function framesWith(body: number): MipFrames {
  const frames = new Uint8Array(2 * 10 * 20);
  const fill = (frame: number, from: number, to: number): void => {
    for (let row = 2; row <= 7; row++) frames.fill(body, frame * 200 + row * 20 + from, frame * 200 + row * 20 + to + 1);
  };
  fill(0, 5, 12);
  fill(1, 8, 11);
  return { frames, anglesDeg, rows: 10, columns: 20, scaleMax: 40 };
}

describe('MIP frames', () => {
  it('are shown inversely within the window, whatever the companding', () => {
    // byte 128 stands for 40 * (128 / 255)^2 = 10.08.
    const table = greyTable(40, 0, 20.16);
    expect([table[0], table[255]]).toEqual([255, 0]);
    expect(Math.abs((table[128] as number) - 127)).toBeLessThanOrEqual(1);
    expect(greyTable(40, 5, 20)[0]).toBe(255);
  });

  it('are painted head up', () => {
    const mip: MipFrames = { frames: Uint8Array.from([0, 0, 255, 255]), anglesDeg: [0], rows: 2, columns: 2, scaleMax: 10 };
    const target = new Uint8ClampedArray(16);
    paintFrame(target, mip, 0, greyTable(10, 0, 10));
    expect([target[0], target[8]]).toEqual([0, 255]);
  });

  it('tell where the body is', () => {
    const mip = framesWith(128);
    expect(usualMaximum(mip)).toBeCloseTo(40 * (128 / 255) ** 2, 6);
    expect(bodyFrame(mip, [0])).toEqual({ rows: [2, 7], columns: [5, 12] });
    expect(bodyFrame(mip).columns).toEqual([5, 12]);
    expect(bodyBox(new MipGeometry(grid), mip)).toEqual({ low: [5, 8, 2], high: [12, 11, 7] });
  });

  it('without anything in them show the whole frame', () => {
    expect(bodyFrame(framesWith(0))).toEqual({ rows: [0, 9], columns: [0, 19] });
  });
});

describe('fitting the body', () => {
  it('puts its box into the middle of the pane', () => {
    const axes = planeAxes(grid, 'coronal');
    const size = { width: 300, height: 300 };
    const view = new PlaneView(grid, axes, fitCamera(grid, axes, size, { low: [5, 8, 2], high: [12, 11, 7] }), size);
    const [x, y] = view.toCanvas([8.5, 0, 4.5]);
    expect([x, y].map((v) => Math.round(v))).toEqual([150, 150]);
    // 6 slices of 3 mm are the longer side: they fill the height but for the margin.
    expect(view.toCanvas([0, 0, 1.5])[1] - view.toCanvas([0, 0, 7.5])[1]).toBeCloseTo(300 / 1.02, 6);
  });
});
