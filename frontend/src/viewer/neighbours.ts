/** Neighbours of a voxel by corners (26), and connected pieces of a set of voxels. */

import type { Grid } from './grid';

/** Visits the voxels that touch `index` by face, edge or corner, inside the grid. */
export function forEachNeighbour(grid: Grid, index: number, visit: (neighbour: number) => void): void {
  const { nx, ny, nz } = grid;
  const x = index % nx;
  const rest = (index - x) / nx;
  const y = rest % ny;
  const z = (rest - y) / ny;
  const x0 = x > 0 ? x - 1 : x;
  const x1 = x < nx - 1 ? x + 1 : x;
  const y0 = y > 0 ? y - 1 : y;
  const y1 = y < ny - 1 ? y + 1 : y;
  const z0 = z > 0 ? z - 1 : z;
  const z1 = z < nz - 1 ? z + 1 : z;
  for (let k = z0; k <= z1; k++) {
    for (let j = y0; j <= y1; j++) {
      const row = nx * (j + ny * k);
      for (let i = x0; i <= x1; i++) {
        const neighbour = row + i;
        if (neighbour !== index) visit(neighbour);
      }
    }
  }
}

/** The 26-connected pieces of a set of voxels, largest first; each ascending. */
export function pieces(grid: Grid, voxels: Iterable<number>): number[][] {
  const left = new Set(voxels);
  const found: number[][] = [];
  for (const first of left) {
    left.delete(first);
    const piece = [first];
    for (let n = 0; n < piece.length; n++) {
      forEachNeighbour(grid, piece[n] as number, (neighbour) => {
        if (left.delete(neighbour)) piece.push(neighbour);
      });
    }
    found.push(piece.sort((a, b) => a - b));
  }
  return found.sort((a, b) => b.length - a.length || (a[0] as number) - (b[0] as number));
}
