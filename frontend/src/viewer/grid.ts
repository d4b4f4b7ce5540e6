/** The voxel grid, as the server defines it: arrays [z, y, x]; tuples x, y, z; LPS mm. */

export type Vec3 = readonly [number, number, number];

export interface GridJson {
  readonly shape_zyx: readonly number[];
  readonly spacing_xyz_mm: readonly number[];
  readonly origin_xyz_mm: readonly number[];
  /** Row-major 3x3; its columns are the index axes x, y, z in LPS. */
  readonly direction: readonly number[];
}

export class Grid {
  readonly nx: number;
  readonly ny: number;
  readonly nz: number;
  readonly spacing: Vec3;
  readonly origin: Vec3;
  /** Unit vectors of the index axes x, y, z in LPS. */
  readonly axes: readonly [Vec3, Vec3, Vec3];

  constructor(json: GridJson) {
    [this.nz, this.ny, this.nx] = triple(json.shape_zyx);
    this.spacing = triple(json.spacing_xyz_mm);
    this.origin = triple(json.origin_xyz_mm);
    const d = json.direction;
    if (d.length !== 9) throw new Error('A grid direction has nine numbers.');
    const column = (c: number): Vec3 => [d[c] as number, d[c + 3] as number, d[c + 6] as number];
    this.axes = [column(0), column(1), column(2)];
  }

  get shape(): Vec3 {
    return [this.nx, this.ny, this.nz];
  }

  get voxelCount(): number {
    return this.nx * this.ny * this.nz;
  }

  get voxelVolumeMl(): number {
    return (this.spacing[0] * this.spacing[1] * this.spacing[2]) / 1000;
  }

  flat(x: number, y: number, z: number): number {
    return x + this.nx * (y + this.ny * z);
  }

  unflat(index: number): Vec3 {
    const x = index % this.nx;
    const rest = (index - x) / this.nx;
    const y = rest % this.ny;
    return [x, y, (rest - y) / this.ny];
  }

  contains([x, y, z]: Vec3): boolean {
    return x >= 0 && y >= 0 && z >= 0 && x < this.nx && y < this.ny && z < this.nz;
  }

  indexToWorld(index: Vec3): Vec3 {
    const at = (c: 0 | 1 | 2): number =>
      this.origin[c] +
      index[0] * this.spacing[0] * this.axes[0][c] +
      index[1] * this.spacing[1] * this.axes[1][c] +
      index[2] * this.spacing[2] * this.axes[2][c];
    return [at(0), at(1), at(2)];
  }

  /** Fractional voxel index of a place. */
  worldToIndex(world: Vec3): Vec3 {
    const offset: Vec3 = [
      world[0] - this.origin[0],
      world[1] - this.origin[1],
      world[2] - this.origin[2],
    ];
    const at = (i: 0 | 1 | 2): number => dot(offset, this.axes[i]) / this.spacing[i];
    return [at(0), at(1), at(2)];
  }

  /** The voxel a place lies in, or null outside the grid. */
  voxelAt(world: Vec3): Vec3 | null {
    const [x, y, z] = this.worldToIndex(world);
    const voxel: Vec3 = [Math.round(x), Math.round(y), Math.round(z)];
    return this.contains(voxel) ? voxel : null;
  }
}

export function dot(a: Vec3, b: Vec3): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

export function triple(values: readonly number[]): Vec3 {
  if (values.length !== 3) throw new Error('Three numbers are needed.');
  return [values[0] as number, values[1] as number, values[2] as number];
}

export function clamp(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : value;
}
