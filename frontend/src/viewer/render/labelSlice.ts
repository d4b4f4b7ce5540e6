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

/** Right, down, left, up. */
const STEP_X = [1, 0, -1, 0] as const;
const STEP_Y = [0, 1, 0, -1] as const;

/**
 * The closed outlines of every label along voxel edges, as corners x, y, x, y ...; voxel (c, r) covers
 * c - 0.5 .. c + 0.5. Voxels that touch at a corner only have outlines of their own.
 */
export function contours(plane: Uint16Array, width: number, height: number): Map<number, number[][]> {
  const found = new Map<number, number[][]>();
  for (const [label, edges] of edgesOf(plane, width, height)) {
    const loops: number[][] = [];
    for (const edge of edges) loops.push(walk(edges, edge, width + 1));
    found.set(label, loops);
  }
  return found;
}

/** Directed edges (corner * 4 + direction) with the label on their right hand. */
function edgesOf(plane: Uint16Array, width: number, height: number): Map<number, Set<number>> {
  const edges = new Map<number, Set<number>>();
  const at = (c: number, r: number): number => (c < 0 || r < 0 || c >= width || r >= height ? 0 : (plane[r * width + c] as number));
  for (let r = 0, i = 0; r < height; r++) {
    for (let c = 0; c < width; c++, i++) {
      const label = plane[i] as number;
      if (label === 0) continue;
      let own = edges.get(label);
      const corner = r * (width + 1) + c;
      const add = (from: number, direction: number): void => {
        if (own === undefined) edges.set(label, (own = new Set()));
        own.add(from * 4 + direction);
      };
      if (at(c, r - 1) !== label) add(corner, 0);
      if (at(c + 1, r) !== label) add(corner + 1, 1);
      if (at(c, r + 1) !== label) add(corner + width + 2, 2);
      if (at(c - 1, r) !== label) add(corner + width + 1, 3);
    }
  }
  return edges;
}

/** Follows the edges from one of them, always turning round the same voxels; takes them out of the set. */
function walk(edges: Set<number>, first: number, perRow: number): number[] {
  const loop: number[] = [];
  let corner = first >> 2;
  let direction = first & 3;
  let turned = -1;
  while (edges.delete(corner * 4 + direction)) {
    const [x, y] = [corner % perRow, Math.floor(corner / perRow)];
    if (direction !== turned) loop.push(x - 0.5, y - 0.5);
    turned = direction;
    corner = (y + STEP_Y[direction]!) * perRow + x + STEP_X[direction]!;
    const next = [(direction + 1) & 3, direction, (direction + 3) & 3].find((way) => edges.has(corner * 4 + way));
    if (next === undefined) break;
    direction = next;
  }
  return loop;
}

/** The outlines as paths: whole loops, so that dashes run on round corners. */
export function outlines(plane: Uint16Array, width: number, height: number): Map<number, Path2D> {
  const paths = new Map<number, Path2D>();
  for (const [label, loops] of contours(plane, width, height)) {
    const path = new Path2D();
    for (const loop of loops) {
      path.moveTo(loop[0]!, loop[1]!);
      for (let i = 2; i < loop.length; i += 2) path.lineTo(loop[i]!, loop[i + 1]!);
      path.closePath();
    }
    paths.set(label, path);
  }
  return paths;
}
