/**
 * The rotating MIP in the browser: server-made frames through a look-up table, the labels seen on
 * them, and the way back into the volume. The twin of annotations/imaging/mip.py: columns run to the
 * viewer's right, rows from feet to head, u = x cos a + y sin a (x to the left, y to the back).
 */

import { clamp, type Grid, type Vec3 } from './grid';
import { type Along, type PatientAxes, patientAxes } from './orientation';
import type { VoxelBox } from './planeView';

export interface MipFrames {
  readonly frames: Uint8Array;
  readonly anglesDeg: readonly number[];
  readonly rows: number;
  readonly columns: number;
  readonly scaleMax: number;
}

/** Breaks ties of centres on a pixel's border the way the server does. */
const BOUNDARY_SLACK = 1e-6;

export class MipGeometry {
  readonly rows: number;
  readonly columns: number;
  readonly pixelMm: number;
  readonly rowMm: number;
  private readonly turned: PatientAxes;
  private readonly x: LatticeAxis;
  private readonly y: LatticeAxis;

  constructor(readonly grid: Grid) {
    const axes = patientAxes(grid);
    const spacingX = grid.spacing[axes.left.axis];
    const spacingY = grid.spacing[axes.back.axis];
    this.pixelMm = Math.min(spacingX, spacingY);
    this.rowMm = grid.spacing[axes.head.axis];
    this.rows = grid.shape[axes.head.axis];
    const nx = grid.shape[axes.left.axis];
    const ny = grid.shape[axes.back.axis];
    this.columns = Math.max(roundHalfEven((nx * spacingX) / this.pixelMm), roundHalfEven((ny * spacingY) / this.pixelMm));
    this.turned = axes;
    this.x = repeatAxis(nx, spacingX, this.pixelMm);
    this.y = repeatAxis(ny, spacingY, this.pixelMm);
  }

  /** Gives the column of a place (mm from the centre, to the left and to the back) in the frame at an angle. */
  columnAt(angleDeg: number): (xMm: number, yMm: number) => number {
    const turn = ((angleDeg % 360) + 360) % 360;
    const mirrored = turn >= 180;
    const angle = ((mirrored ? turn - 180 : turn) * Math.PI) / 180;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const { pixelMm, columns } = this;
    return (xMm, yMm) => {
      const across = (xMm * cos + yMm * sin) / pixelMm + columns / 2;
      const column = clamp(Math.floor(across + BOUNDARY_SLACK), 0, columns - 1);
      return mirrored ? columns - 1 - column : column;
    };
  }

  /** The voxels behind rows of the frames and columns seen from the front and from the left side. */
  boxOf(rows: readonly [number, number], front: readonly [number, number], side: readonly [number, number]): VoxelBox {
    const low: [number, number, number] = [0, 0, 0];
    const high: [number, number, number] = [0, 0, 0];
    const span = (along: Along, from: number, to: number): void => {
      const last = this.grid.shape[along.axis] - 1;
      const ends = [clamp(Math.floor(from), 0, last), clamp(Math.ceil(to), 0, last)].map((steps) => at(this.grid, along, steps));
      low[along.axis] = Math.min(...ends);
      high[along.axis] = Math.max(...ends);
    };
    const steps = (along: Along, column: number): number => {
      const mm = (column - (this.columns - 1) / 2) * this.pixelMm;
      return mm / this.grid.spacing[along.axis] + (this.grid.shape[along.axis] - 1) / 2;
    };
    const { left, back, head } = this.turned;
    span(head, rows[0], rows[1]);
    span(left, steps(left, front[0]), steps(left, front[1]));
    span(back, steps(back, side[0]), steps(back, side[1]));
    return { low, high };
  }

  /** (column, row from the feet, depth away from the viewer in mm) of a voxel. */
  locate(index: Vec3, angleDeg: number): { column: number; row: number; depthMm: number } {
    const { left, back, head } = this.turned;
    const xMm = this.x.placesOf[stepsAlong(this.grid, left, index)]?.[0] ?? 0;
    const yMm = this.y.placesOf[stepsAlong(this.grid, back, index)]?.[0] ?? 0;
    const angle = (angleDeg * Math.PI) / 180;
    return {
      column: this.columnAt(angleDeg)(xMm, yMm),
      row: stepsAlong(this.grid, head, index),
      depthMm: yMm * Math.cos(angle) - xMm * Math.sin(angle),
    };
  }

  /** The voxel that gives a MIP pixel its value (ties: the nearest to the viewer); null off the body's frame. */
  hottestAlongRay(values: Float32Array, angleDeg: number, row: number, column: number): Vec3 | null {
    if (row < 0 || row >= this.rows) return null;
    const { left, back, head } = this.turned;
    const angle = (angleDeg * Math.PI) / 180;
    const columnOf = this.columnAt(angleDeg);
    let best: Vec3 | null = null;
    let highest = -Infinity;
    let nearest = Infinity;
    const index: [number, number, number] = [0, 0, 0];
    index[head.axis] = at(this.grid, head, row);
    for (let b = 0; b < this.y.place.length; b++) {
      const y = this.y.place[b] as number;
      index[back.axis] = at(this.grid, back, this.y.nearest[b] as number);
      for (let a = 0; a < this.x.place.length; a++) {
        const x = this.x.place[a] as number;
        if (columnOf(x, y) !== column) continue;
        index[left.axis] = at(this.grid, left, this.x.nearest[a] as number);
        const value = values[this.grid.flat(...index)] as number;
        const depth = y * Math.cos(angle) - x * Math.sin(angle);
        if (value > highest || (value === highest && depth < nearest)) {
          [best, highest, nearest] = [[...index], value, depth];
        }
      }
    }
    return best;
  }

  /**
   * The label nearest to the viewer in each pixel, uint16 [row, column] with row 0 at the feet.
   * Only labelled voxels are visited: a few milliseconds, whatever the size of the image.
   */
  projectLabels(lesions: Iterable<readonly [number, Int32Array]>, angleDeg: number): Uint16Array {
    const frame = new Uint16Array(this.rows * this.columns);
    const depth = new Float64Array(frame.length).fill(Infinity);
    const nearest = new Int32Array(frame.length);
    const { grid } = this;
    const { left, back, head } = this.turned;
    const angle = (angleDeg * Math.PI) / 180;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const columnOf = this.columnAt(angleDeg);
    for (const [label, voxels] of lesions) {
      for (const flat of voxels) {
        const index = grid.unflat(flat);
        const row = stepsAlong(grid, head, index) * this.columns;
        const [xs, ys] = [stepsAlong(grid, left, index), stepsAlong(grid, back, index)];
        const firstX = this.x.firstOf[xs] as number;
        let point = (this.y.firstOf[ys] as number) * this.x.place.length + firstX;
        for (const y of this.y.placesOf[ys] as number[]) {
          for (const x of this.x.placesOf[xs] as number[]) {
            const away = y * cos - x * sin;
            const pixel = row + columnOf(x, y);
            const before = depth[pixel] as number;
            // Of two as near the later point of the lattice is seen, as on the server.
            if (away < before || (away === before && point > (nearest[pixel] as number))) {
              depth[pixel] = away;
              nearest[pixel] = point;
              frame[pixel] = label;
            }
            point += 1;
          }
          point += this.x.place.length - (this.x.placesOf[xs] as number[]).length;
        }
      }
    }
    return frame;
  }
}

/**
 * Grey of each stored byte: the frames hold round(255 * sqrt(value / scaleMax)), shown inversely
 * (hot is dark) within the window.
 */
export function greyTable(scaleMax: number, lower: number, upper: number): Uint8ClampedArray {
  const table = new Uint8ClampedArray(256);
  for (let i = 0; i < 256; i++) {
    const value = (i / 255) ** 2 * scaleMax;
    table[i] = 255 - (255 * (value - lower)) / Math.max(1e-6, upper - lower);
  }
  return table;
}

const SIDES = ['L', 'P', 'R', 'A'] as const;

/** Patient sides at the left and right edge of the picture: at 0 degrees it is seen from the front. */
export function sidesAt(angleDeg: number): readonly [string, string] {
  const quarter = ((Math.round(angleDeg / 90) % 4) + 4) % 4;
  return [SIDES[(quarter + 2) % 4] as string, SIDES[quarter] as string];
}

/** A value that 1 % of the body's pixels exceed, seen from the front: what a window may end with. */
export function usualMaximum({ frames, rows, columns, scaleMax }: MipFrames): number {
  const counts = new Uint32Array(256);
  for (let i = 0; i < rows * columns; i++) counts[frames[i] as number]!++;
  let left = (rows * columns - (counts[0] as number)) * 0.01;
  let byte = 255;
  while (byte > 1 && left > (counts[byte] as number)) left -= counts[byte--] as number;
  return (byte / 255) ** 2 * scaleMax;
}

/** Rows and columns of the frames in which there is a body, both ends inclusive. */
export interface BodyFrame {
  readonly rows: readonly [number, number];
  readonly columns: readonly [number, number];
}

/** Share of the usual maximum above which a pixel is body, and pixels a line needs to count. */
const BODY_SHARE = 0.03;
const BODY_PIXELS = 3;

/** Where the body is in the frames given (all of them, unless said otherwise). */
export function bodyFrame(mip: MipFrames, which: readonly number[] = mip.anglesDeg.map((_, n) => n)): BodyFrame {
  const { frames, rows, columns, scaleMax } = mip;
  const least = Math.sqrt((usualMaximum(mip) * BODY_SHARE) / scaleMax) * 255;
  const inRow = new Uint32Array(rows);
  const inColumn = new Uint32Array(columns);
  for (const frame of which) {
    for (let i = frame * rows * columns, pixel = 0; pixel < rows * columns; i++, pixel++) {
      if ((frames[i] as number) < least) continue;
      inRow[Math.floor(pixel / columns)]!++;
      inColumn[pixel % columns]!++;
    }
  }
  return { rows: occupied(inRow), columns: occupied(inColumn) };
}

/** The body's box in the volume, from its front and its left side. */
export function bodyBox(geometry: MipGeometry, mip: MipFrames): VoxelBox | null {
  const front = mip.anglesDeg.indexOf(0);
  const side = mip.anglesDeg.indexOf(90);
  if (front < 0 || side < 0) return null;
  const [x, y] = [bodyFrame(mip, [front]), bodyFrame(mip, [side])];
  return geometry.boxOf(x.rows, x.columns, y.columns);
}

function occupied(counts: Uint32Array): readonly [number, number] {
  const first = counts.findIndex((count) => count >= BODY_PIXELS);
  const last = counts.findLastIndex((count) => count >= BODY_PIXELS);
  return first < 0 ? [0, counts.length - 1] : [first, last];
}

/** RGBA of one frame, head up. */
export function paintFrame(target: Uint8ClampedArray, mip: MipFrames, frame: number, greys: Uint8ClampedArray): void {
  const { rows, columns, frames } = mip;
  const offset = frame * rows * columns;
  for (let row = 0; row < rows; row++) {
    let to = (rows - 1 - row) * columns * 4;
    let from = offset + row * columns;
    for (let c = 0; c < columns; c++, from++, to += 4) {
      const grey = greys[frames[from] as number] as number;
      target[to] = target[to + 1] = target[to + 2] = grey;
      target[to + 3] = 255;
    }
  }
}

function stepsAlong(grid: Grid, along: Along, index: Vec3): number {
  const i = index[along.axis];
  return along.sign === 1 ? i : grid.shape[along.axis] - 1 - i;
}

function at(grid: Grid, along: Along, steps: number): number {
  return along.sign === 1 ? steps : grid.shape[along.axis] - 1 - steps;
}

/** Points `pixelMm` apart along an axis, and which voxel each shows. */
interface LatticeAxis {
  /** mm from the centre. */
  readonly place: Float64Array;
  readonly nearest: Int32Array;
  /** The points of each voxel, and the number of the first. */
  readonly placesOf: readonly number[][];
  readonly firstOf: Int32Array;
}

function repeatAxis(count: number, spacingMm: number, pixelMm: number): LatticeAxis {
  const points = roundHalfEven((count * spacingMm) / pixelMm);
  const place = Float64Array.from({ length: points }, (_, i) => (i - (points - 1) / 2) * pixelMm);
  const nearest = Int32Array.from(place, (mm) => clamp(roundHalfEven(mm / spacingMm + (count - 1) / 2), 0, count - 1));
  const placesOf: number[][] = Array.from({ length: count }, () => []);
  const firstOf = new Int32Array(count);
  nearest.forEach((voxel, point) => {
    const places = placesOf[voxel] as number[];
    if (places.length === 0) firstOf[voxel] = point;
    places.push(place[point] as number);
  });
  return { place, nearest, placesOf, firstOf };
}

/** Python's round. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
