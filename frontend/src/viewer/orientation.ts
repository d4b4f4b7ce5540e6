/** Planes along the grid's own axes, named by the patient's axes they lie nearest to: no resampling. */

import type { Grid, Vec3 } from './grid';

export type Plane = 'axial' | 'coronal' | 'sagittal';
export type Axis = 0 | 1 | 2;

/** An index axis and whether it runs the wanted way (1) or against it (-1). */
export interface Along {
  readonly axis: Axis;
  readonly sign: 1 | -1;
}

/** Index axes that run to the patient's left, back and head. */
export interface PatientAxes {
  readonly left: Along;
  readonly back: Along;
  readonly head: Along;
}

export interface PlaneAxes {
  readonly plane: Plane;
  /** Screen right and screen down. */
  readonly right: Along;
  readonly down: Along;
  /** Index axis across the slices. */
  readonly across: Along;
  readonly letters: { readonly top: string; readonly right: string; readonly bottom: string; readonly left: string };
}

const ORDERS: readonly (readonly [Axis, Axis, Axis])[] = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
];

export function patientAxes(grid: Grid): PatientAxes {
  const component = (order: readonly Axis[], k: Axis): number => grid.axes[order[k] as Axis][k];
  const fit = (order: readonly Axis[]): number =>
    Math.abs(component(order, 0)) + Math.abs(component(order, 1)) + Math.abs(component(order, 2));
  const best = ORDERS.reduce((a, b) => (fit(b) > fit(a) ? b : a));
  const along = (k: Axis): Along => ({ axis: best[k], sign: component(best, k) < 0 ? -1 : 1 });
  return { left: along(0), back: along(1), head: along(2) };
}

export function planeAxes(grid: Grid, plane: Plane): PlaneAxes {
  const { left, back, head } = patientAxes(grid);
  const feet: Along = { axis: head.axis, sign: head.sign === 1 ? -1 : 1 };
  if (plane === 'axial') {
    return { plane, right: left, down: back, across: head, letters: letters('A', 'L', 'P', 'R') };
  }
  if (plane === 'coronal') {
    return { plane, right: left, down: feet, across: back, letters: letters('H', 'L', 'F', 'R') };
  }
  return { plane, right: back, down: feet, across: left, letters: letters('H', 'P', 'F', 'A') };
}

/** Unit vector in LPS of an index axis run the given way. */
export function vectorAlong(grid: Grid, along: Along): Vec3 {
  const [x, y, z] = grid.axes[along.axis];
  return along.sign === 1 ? [x, y, z] : [-x, -y, -z];
}

export function sizeAlong(grid: Grid, axis: Axis): number {
  return grid.shape[axis];
}

function letters(top: string, right: string, bottom: string, left: string): PlaneAxes['letters'] {
  return { top, right, bottom, left };
}
