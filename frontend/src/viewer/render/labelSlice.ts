/** One slice of a label map as a picture: coloured pixels and outlines along the voxels' edges. */

import { lesionColour } from '../colours';
import type { Grid } from '../grid';
import type { PlaneAxes } from '../orientation';

export interface LabelSlice {
  readonly width: number;
  readonly height: number;
  /** Pixels in plane order (right, down), ready for `putImageData`; null without a lesion in the slice. */
  readonly pixels: ImageData | null;
  readonly outlines: readonly { readonly label: number; readonly path: Path2D }[];
}

type LabelAt = (flat: number) => number;

/** Steps of the flat index for one step right and one down, and the index of the top left voxel. */
export function planeStrides(grid: Grid, axes: PlaneAxes, slice: number): { start: number; right: number; down: number; width: number; height: number } {
  const stride = [1, grid.nx, grid.nx * grid.ny] as const;
  const width = grid.shape[axes.right.axis];
  const height = grid.shape[axes.down.axis];
  let start = slice * stride[axes.across.axis];
  if (axes.right.sign === -1) start += (width - 1) * stride[axes.right.axis];
  if (axes.down.sign === -1) start += (height - 1) * stride[axes.down.axis];
  return {
    start,
    right: stride[axes.right.axis] * axes.right.sign,
    down: stride[axes.down.axis] * axes.down.sign,
    width,
    height,
  };
}

/** The labels of a slice in plane order. */
export function sliceLabels(grid: Grid, axes: PlaneAxes, slice: number, labelAt: LabelAt): Uint16Array {
  const { start, right, down, width, height } = planeStrides(grid, axes, slice);
  const plane = new Uint16Array(width * height);
  for (let row = 0, to = 0; row < height; row++) {
    let flat = start + row * down;
    for (let column = 0; column < width; column++, flat += right, to++) plane[to] = labelAt(flat);
  }
  return plane;
}

export function drawLabels(plane: Uint16Array, width: number, height: number): LabelSlice {
  const paths = outlines(plane, width, height);
  if (paths.size === 0) return { width, height, pixels: null, outlines: [] };
  const pixels = new ImageData(width, height);
  for (let i = 0; i < plane.length; i++) {
    const label = plane[i] as number;
    if (label === 0) continue;
    const [r, g, b] = lesionColour(label);
    pixels.data.set([r, g, b, 255], i * 4);
  }
  return { width, height, pixels, outlines: [...paths].map(([label, path]) => ({ label, path })) };
}

/** Outline of every label along voxel edges; voxel (c, r) covers c - 0.5 .. c + 0.5. */
export function outlines(plane: Uint16Array, width: number, height: number): Map<number, Path2D> {
  const paths = new Map<number, Path2D>();
  const at = (c: number, r: number): number => (c < 0 || r < 0 || c >= width || r >= height ? 0 : (plane[r * width + c] as number));
  for (let r = 0; r < height; r++) {
    for (let c = 0; c < width; c++) {
      const label = plane[r * width + c] as number;
      if (label === 0) continue;
      const edge = (x0: number, y0: number, x1: number, y1: number): void => {
        let path = paths.get(label);
        if (path === undefined) paths.set(label, (path = new Path2D()));
        path.moveTo(x0, y0);
        path.lineTo(x1, y1);
      };
      if (at(c, r - 1) !== label) edge(c - 0.5, r - 0.5, c + 0.5, r - 0.5);
      if (at(c, r + 1) !== label) edge(c - 0.5, r + 0.5, c + 0.5, r + 0.5);
      if (at(c - 1, r) !== label) edge(c - 0.5, r - 0.5, c - 0.5, r + 0.5);
      if (at(c + 1, r) !== label) edge(c + 0.5, r - 0.5, c + 0.5, r + 0.5);
    }
  }
  return paths;
}

