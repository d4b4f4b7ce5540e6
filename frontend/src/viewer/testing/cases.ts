/** Cases worked out by the server's own code (tests/frontend/server_cases.py). */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { Grid, type GridJson, type Vec3 } from '../grid';
import { type SliceFactors, toFloat32 } from '../volumeData';
import table from './serverCases.json';

export interface ServerCase {
  readonly name: string;
  readonly json: (typeof table)[number];
  readonly grid: Grid;
  readonly suv: Float32Array;
  readonly labels: Uint16Array;
}

export const bytesOf = (base64: string): ArrayBuffer => {
  const bytes = Buffer.from(base64, 'base64');
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
};

export const sha256 = (array: ArrayBufferView): string =>
  createHash('sha256').update(Buffer.from(array.buffer, array.byteOffset, array.byteLength)).digest('hex');

/** Those of the repository, or of the file that PETREVIEW_CASES names (tests/frontend/test_agreement.py). */
export async function loadCases(): Promise<ServerCase[]> {
  const path = process.env['PETREVIEW_CASES'];
  const cases = path === undefined ? table : (JSON.parse(readFileSync(path, 'utf-8')) as typeof table);
  return Promise.all(
    cases.map(async (json, number) => {
      const grid = new Grid(json.grid as GridJson);
      const factors: SliceFactors = { slopes: json.suv_slopes_f32, intercepts: json.suv_intercepts_f32 };
      const suv = await toFloat32(new Int16Array(bytesOf(json.stored)), grid.nx * grid.ny, factors);
      return { name: `grid ${number}`, json, grid, suv, labels: new Uint16Array(bytesOf(json.labels)) };
    }),
  );
}

export const vec = (values: readonly number[]): Vec3 => [values[0] as number, values[1] as number, values[2] as number];

/** A small grid for hand-made cases: 6 x 5 x 4 voxels of 2 x 2 x 3 mm unless said otherwise. */
export function smallGrid(shape_zyx: number[] = [4, 5, 6], spacing_xyz_mm: number[] = [2, 2, 3]): Grid {
  return new Grid({
    shape_zyx,
    spacing_xyz_mm,
    origin_xyz_mm: [0, 0, 0],
    direction: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  });
}
