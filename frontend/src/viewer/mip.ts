/**
 * The rotating MIP in the browser: server-made frames through a look-up table, the labels seen on
 * them, and the way back into the volume. The twin of annotations/imaging/mip.py: columns run to the
 * viewer's right, rows from feet to head, u = x cos a + y sin a (x to the left, y to the back).
 */

import { clamp, type Grid, type Vec3 } from './grid';
import { type Along, patientAxes } from './orientation';

export interface MipFrames {
  readonly frames: Uint8Array;
  readonly anglesDeg: readonly number[];
  readonly rows: number;
  readonly columns: number;
  readonly scaleMax: number;
}

/** Breaks ties of centres on a pixel's border the way the server does. */
const BOUNDARY_SLACK = 1e-6;

interface Turned {
  readonly left: Along;
  readonly back: Along;
  readonly head: Along;
  readonly pixelMm: number;
  readonly columns: number;
}

export class MipGeometry {
  readonly rows: number;
  readonly columns: number;
  readonly pixelMm: number;
  readonly rowMm: number;
  private readonly turned: Turned;
  private readonly points: { x: Float64Array; y: Float64Array; voxelX: Int32Array; voxelY: Int32Array };

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
    this.turned = { ...axes, pixelMm: this.pixelMm, columns: this.columns };
    const x = repeatAxis(nx, spacingX, this.pixelMm);
    const y = repeatAxis(ny, spacingY, this.pixelMm);
    this.points = { x: x.place, y: y.place, voxelX: x.nearest, voxelY: y.nearest };
  }

  /** The column of a place (mm from the centre, to the left and to the back) in the frame at an angle. */
  column(xMm: number, yMm: number, angleDeg: number): number {
    const turn = ((angleDeg % 360) + 360) % 360;
    const mirrored = turn >= 180;
    const angle = ((mirrored ? turn - 180 : turn) * Math.PI) / 180;
    const across = (xMm * Math.cos(angle) + yMm * Math.sin(angle)) / this.pixelMm + this.columns / 2;
    const column = clamp(Math.floor(across + BOUNDARY_SLACK), 0, this.columns - 1);
    return mirrored ? this.columns - 1 - column : column;
  }

  /** (column, row from the feet, depth away from the viewer in mm) of a voxel. */
  locate(index: Vec3, angleDeg: number): { column: number; row: number; depthMm: number } {
    const { left, back, head } = this.turned;
    const xMm = this.fromCentre(index, left);
    const yMm = this.fromCentre(index, back);
    const angle = (angleDeg * Math.PI) / 180;
    return {
      column: this.column(xMm, yMm, angleDeg),
      row: stepsAlong(this.grid, head, index),
      depthMm: yMm * Math.cos(angle) - xMm * Math.sin(angle),
    };
  }

  /** The voxel that gives a MIP pixel its value (ties: the nearest to the viewer); null off the body's frame. */
  hottestAlongRay(values: Float32Array, angleDeg: number, row: number, column: number): Vec3 | null {
    if (row < 0 || row >= this.rows) return null;
    const { left, back, head } = this.turned;
    const angle = (angleDeg * Math.PI) / 180;
    let best: Vec3 | null = null;
    let highest = -Infinity;
    let nearest = Infinity;
    const index: [number, number, number] = [0, 0, 0];
    index[head.axis] = at(this.grid, head, row);
    for (let b = 0; b < this.points.y.length; b++) {
      const y = this.points.y[b] as number;
      index[back.axis] = at(this.grid, back, this.points.voxelY[b] as number);
      for (let a = 0; a < this.points.x.length; a++) {
        const x = this.points.x[a] as number;
        if (this.column(x, y, angleDeg) !== column) continue;
        index[left.axis] = at(this.grid, left, this.points.voxelX[a] as number);
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
    const depth = new Float32Array(frame.length).fill(Infinity);
    const { grid, columns } = this;
    const { left, back, head } = this.turned;
    const angle = (angleDeg * Math.PI) / 180;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const xTable = this.placeTable(left);
    const yTable = this.placeTable(back);
    const widthX = Math.round(grid.spacing[left.axis] / this.pixelMm);
    const repeats = Math.max(1, widthX, Math.round(grid.spacing[back.axis] / this.pixelMm));
    const index: [number, number, number] = [0, 0, 0];
    for (const [label, voxels] of lesions) {
      for (const flat of voxels) {
        index[0] = flat % grid.nx;
        const rest = (flat - index[0]) / grid.nx;
        index[1] = rest % grid.ny;
        index[2] = (rest - index[1]) / grid.ny;
        const x = xTable[index[left.axis]] as number;
        const y = yTable[index[back.axis]] as number;
        const away = y * cos - x * sin;
        const row = head.sign === 1 ? index[head.axis] : this.rows - 1 - index[head.axis];
        const across = Math.floor((x * cos + y * sin) / this.pixelMm + columns / 2 + BOUNDARY_SLACK);
        for (let c = across; c < across + repeats; c++) {
          if (c < 0 || c >= columns) continue;
          const pixel = row * columns + c;
          if (away < (depth[pixel] as number)) {
            depth[pixel] = away;
            frame[pixel] = label;
          }
        }
      }
    }
    return frame;
  }

  private placeTable(along: Along): Float64Array {
    const count = this.grid.shape[along.axis];
    return Float64Array.from({ length: count }, (_, i) => {
      const steps = along.sign === 1 ? i : count - 1 - i;
      return (steps - (count - 1) / 2) * this.grid.spacing[along.axis];
    });
  }

  private fromCentre(index: Vec3, along: Along): number {
    const count = this.grid.shape[along.axis];
    return (stepsAlong(this.grid, along, index) - (count - 1) / 2) * this.grid.spacing[along.axis];
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

/** Nearest voxel and place (mm from the centre) of points `pixelMm` apart along an axis. */
function repeatAxis(count: number, spacingMm: number, pixelMm: number): { place: Float64Array; nearest: Int32Array } {
  const points = roundHalfEven((count * spacingMm) / pixelMm);
  const place = Float64Array.from({ length: points }, (_, i) => (i - (points - 1) / 2) * pixelMm);
  const nearest = Int32Array.from(place, (mm) => clamp(roundHalfEven(mm / spacingMm + (count - 1) / 2), 0, count - 1));
  return { place, nearest };
}

/** Python's round. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
