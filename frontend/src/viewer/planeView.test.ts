import { describe, expect, it } from 'vitest';

import { Grid, type Vec3 } from './grid';
import { type Plane, patientAxes, planeAxes } from './orientation';
import { fitCamera, panBy, PlaneView, zoomAt } from './planeView';

const size = { width: 400, height: 300 };
const headFirst = new Grid({
  shape_zyx: [40, 50, 60],
  spacing_xyz_mm: [2, 2, 3],
  origin_xyz_mm: [-60, -50, -100],
  direction: [1, 0, 0, 0, 1, 0, 0, 0, 1],
});
// Slices from head to feet, rows from back to front.
const flipped = new Grid({
  shape_zyx: [40, 50, 60],
  spacing_xyz_mm: [2, 2, 3],
  origin_xyz_mm: [-60, 50, 100],
  direction: [1, 0, 0, 0, -1, 0, 0, 0, -1],
});
// 20 degrees about the long axis.
const [c, s] = [Math.cos(0.35), Math.sin(0.35)];
const oblique = new Grid({
  shape_zyx: [40, 50, 60],
  spacing_xyz_mm: [2, 2, 3],
  origin_xyz_mm: [0, 0, 0],
  direction: [c, -s, 0, s, c, 0, 0, 0, 1],
});
const viewOf = (grid: Grid, plane: Plane): PlaneView => {
  const axes = planeAxes(grid, plane);
  return new PlaneView(grid, axes, fitCamera(grid, axes, size), size);
};

describe('a grid', () => {
  it('turns indices into places and back, rotated or not', () => {
    for (const grid of [headFirst, flipped, oblique]) {
      const back = grid.worldToIndex(grid.indexToWorld([3, 40, 21]));
      [3, 40, 21].forEach((wanted, axis) => expect(back[axis]).toBeCloseTo(wanted, 9));
    }
    expect(headFirst.indexToWorld([1, 2, 3])).toEqual([-58, -46, -91]);
    expect(headFirst.voxelAt([-58, -46, -91])).toEqual([1, 2, 3]);
    expect(headFirst.voxelAt([-70, -46, -91])).toBeNull();
  });

  it('numbers voxels with x fastest', () => {
    expect(headFirst.flat(1, 2, 3)).toBe(1 + 60 * (2 + 50 * 3));
    expect(headFirst.unflat(headFirst.flat(59, 49, 39))).toEqual([59, 49, 39]);
  });
});

describe('a plane', () => {
  it('shows the patient from the feet and from the front, whichever way the slices run', () => {
    const left: Vec3 = [30, 0, 0];
    for (const grid of [headFirst, flipped]) {
      const middle = grid.indexToWorld([30, 25, 20]);
      const point = (plane: Plane, offset: Vec3): [number, number] => {
        const world: Vec3 = [middle[0] + offset[0], middle[1] + offset[1], middle[2] + offset[2]];
        return viewOf(grid, plane).toCanvas(grid.worldToIndex(world));
      };
      const centre = (plane: Plane): [number, number] => point(plane, [0, 0, 0]);
      expect(point('axial', left)[0]).toBeGreaterThan(centre('axial')[0]);
      expect(point('axial', [0, 30, 0])[1]).toBeGreaterThan(centre('axial')[1]);
      expect(point('coronal', left)[0]).toBeGreaterThan(centre('coronal')[0]);
      expect(point('coronal', [0, 0, 30])[1]).toBeLessThan(centre('coronal')[1]);
      expect(point('sagittal', [0, 30, 0])[0]).toBeGreaterThan(centre('sagittal')[0]);
      expect(point('sagittal', [0, 0, 30])[1]).toBeLessThan(centre('sagittal')[1]);
    }
  });

  it('finds the axes nearest to the patient of an oblique grid', () => {
    const axes = patientAxes(oblique);
    expect([axes.left, axes.back, axes.head]).toEqual([
      { axis: 0, sign: 1 },
      { axis: 1, sign: 1 },
      { axis: 2, sign: 1 },
    ]);
  });

  it('goes from canvas to voxel and back', () => {
    for (const grid of [headFirst, flipped, oblique]) {
      for (const plane of ['axial', 'coronal', 'sagittal'] as const) {
        const view = viewOf(grid, plane);
        const slice = 7;
        const [x, y] = view.toCanvas(view.toIndex(123, 77, slice));
        expect(x).toBeCloseTo(123, 6);
        expect(y).toBeCloseTo(77, 6);
      }
    }
  });

  it('fits the pane, and keeps what lies under the pointer while zooming', () => {
    const view = viewOf(headFirst, 'coronal');
    const zoomed = new PlaneView(headFirst, view.axes, zoomAt(view, 90, 40, 3), size);
    const before = view.toIndex(90, 40, 3);
    const after = zoomed.toIndex(90, 40, 3);
    before.forEach((wanted, axis) => expect(after[axis]).toBeCloseTo(wanted, 6));
    expect(zoomed.camera.mmPerPixel).toBeCloseTo(view.camera.mmPerPixel / 3, 9);
  });

  it('moves with the hand while panning', () => {
    const view = viewOf(headFirst, 'axial');
    const panned = new PlaneView(headFirst, view.axes, panBy(view.camera, 10, -5), size);
    const [x, y] = view.toCanvas([10, 10, 0]);
    const [px, py] = panned.toCanvas([10, 10, 0]);
    expect([px - x, py - y].map((d) => Math.round(d * 1e6) / 1e6)).toEqual([10, -5]);
  });

  it('gives the camera right-handed vectors', () => {
    const { normal, up } = viewOf(headFirst, 'axial').vectors;
    expect(normal.map((v) => v + 0)).toEqual([0, 0, -1]);
    expect(up.map((v) => v + 0)).toEqual([0, -1, 0]);
  });
});
