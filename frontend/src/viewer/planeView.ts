/**
 * Where a plane's voxels lie on its canvas. One camera for a plane: the middle of the canvas in mm
 * along the plane and mm per CSS pixel; Cornerstone3D and our overlay both follow it.
 */

import type { Grid, Vec3 } from './grid';
import { type Axis, type PlaneAxes, vectorAlong } from './orientation';

export interface PlaneCamera {
  /** mm to the right and downwards from the centre of the first voxel shown at the top left. */
  readonly centre: readonly [number, number];
  readonly mmPerPixel: number;
}

export interface CanvasSize {
  readonly width: number;
  readonly height: number;
}

const FIT_MARGIN = 1.02;

export class PlaneView {
  constructor(
    readonly grid: Grid,
    readonly axes: PlaneAxes,
    readonly camera: PlaneCamera,
    readonly size: CanvasSize,
  ) {}

  /** Canvas point (CSS pixels) of a voxel index, which may be fractional. */
  toCanvas(index: Vec3): [number, number] {
    const { right, down } = this.axes;
    const across = this.offsetMm(right, index);
    const along = this.offsetMm(down, index);
    return [
      this.size.width / 2 + (across - this.camera.centre[0]) / this.camera.mmPerPixel,
      this.size.height / 2 + (along - this.camera.centre[1]) / this.camera.mmPerPixel,
    ];
  }

  /** Fractional voxel index of a canvas point, on the slice given. */
  toIndex(x: number, y: number, slice: number): Vec3 {
    const { right, down, across } = this.axes;
    const mm = this.toMm(x, y);
    const index: [number, number, number] = [0, 0, 0];
    index[right.axis] = this.indexOf(right, mm[0]);
    index[down.axis] = this.indexOf(down, mm[1]);
    index[across.axis] = slice;
    return index;
  }

  toMm(x: number, y: number): [number, number] {
    return [
      this.camera.centre[0] + (x - this.size.width / 2) * this.camera.mmPerPixel,
      this.camera.centre[1] + (y - this.size.height / 2) * this.camera.mmPerPixel,
    ];
  }

  /** World place of the middle of the canvas on a slice. */
  focalPoint(slice: number): Vec3 {
    return this.grid.indexToWorld(this.toIndex(this.size.width / 2, this.size.height / 2, slice));
  }

  /** Towards the viewer, and up: what a camera needs. */
  get vectors(): { normal: Vec3; up: Vec3 } {
    const right = vectorAlong(this.grid, this.axes.right);
    const down = vectorAlong(this.grid, this.axes.down);
    const up: Vec3 = [-down[0], -down[1], -down[2]];
    // right = up x normal, so normal = right x up.
    const normal: Vec3 = [
      right[1] * up[2] - right[2] * up[1],
      right[2] * up[0] - right[0] * up[2],
      right[0] * up[1] - right[1] * up[0],
    ];
    return { normal, up };
  }

  get parallelScale(): number {
    return (this.size.height * this.camera.mmPerPixel) / 2;
  }

  private offsetMm(along: PlaneAxes['right'], index: Vec3): number {
    const { axis, sign } = along;
    const steps = sign === 1 ? index[axis] : this.count(axis) - 1 - index[axis];
    return steps * this.grid.spacing[axis];
  }

  private indexOf(along: PlaneAxes['right'], mm: number): number {
    const steps = mm / this.grid.spacing[along.axis];
    return along.sign === 1 ? steps : this.count(along.axis) - 1 - steps;
  }

  private count(axis: Axis): number {
    return this.grid.shape[axis];
  }
}

/** Voxels from `low` to `high`, both inclusive. */
export interface VoxelBox {
  readonly low: Vec3;
  readonly high: Vec3;
}

/** The camera that shows the whole plane, or all of a box in it. */
export function fitCamera(grid: Grid, axes: PlaneAxes, size: CanvasSize, box: VoxelBox | null = null): PlaneCamera {
  const across = extent(grid, axes.right, box);
  const along = extent(grid, axes.down, box);
  const mmPerPixel = FIT_MARGIN * Math.max(across.mm / Math.max(1, size.width), along.mm / Math.max(1, size.height));
  return { centre: [across.middle, along.middle], mmPerPixel };
}

/** Length and middle in mm of a box along one direction of the plane. */
function extent(grid: Grid, { axis, sign }: PlaneAxes['right'], box: VoxelBox | null): { mm: number; middle: number } {
  const last = grid.shape[axis] - 1;
  const [low, high] = box ? [box.low[axis], box.high[axis]] : [0, last];
  const middle = (low + high) / 2;
  return { mm: (high - low + 1) * grid.spacing[axis], middle: (sign === 1 ? middle : last - middle) * grid.spacing[axis] };
}

/** Zoom about a canvas point: what lies under it stays under it. */
export function zoomAt(view: PlaneView, x: number, y: number, factor: number): PlaneCamera {
  const [mmX, mmY] = view.toMm(x, y);
  const mmPerPixel = Math.min(20, Math.max(0.02, view.camera.mmPerPixel / factor));
  return {
    centre: [mmX - (x - view.size.width / 2) * mmPerPixel, mmY - (y - view.size.height / 2) * mmPerPixel],
    mmPerPixel,
  };
}

export function panBy(camera: PlaneCamera, dx: number, dy: number): PlaneCamera {
  return {
    ...camera,
    centre: [camera.centre[0] - dx * camera.mmPerPixel, camera.centre[1] - dy * camera.mmPerPixel],
  };
}
