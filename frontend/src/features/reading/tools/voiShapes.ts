/**
 * Shapes of a volume of interest, as the server takes them, and where they lie on a slice. The server
 * decides which voxels belong; what is drawn here shows the reader the same places.
 */

import type { Grid, Vec3 } from '../../../viewer/grid';
import type { Axis } from '../../../viewer/orientation';
import type { PlaneView } from '../../../viewer/planeView';

export type AxisName = 'x' | 'y' | 'z';
export type Uv = readonly [number, number];

export interface BoxShape {
  readonly kind: 'box';
  readonly from_xyz: Vec3;
  readonly to_xyz: Vec3;
}
export interface SphereShape {
  readonly kind: 'sphere';
  /** Fractional voxel index, kept for drawing. */
  readonly centre: Vec3;
  readonly radius_mm: number;
}
export interface PlanesShape {
  readonly kind: 'planes';
  readonly axis: Axis;
  readonly polygons: readonly Polygon[];
}
export interface Polygon {
  readonly index: number;
  readonly points: readonly Uv[];
}
export type VoiShapeJson = BoxShape | SphereShape | PlanesShape;

export const AXES: readonly AxisName[] = ['x', 'y', 'z'];

/** The two index axes beside `axis`, in x, y, z order. */
export function besides(axis: Axis): readonly [Axis, Axis] {
  return axis === 0 ? [1, 2] : axis === 1 ? [0, 2] : [0, 1];
}

/** As the server takes it. */
export function shapeJson(grid: Grid, shape: VoiShapeJson): Record<string, unknown> {
  if (shape.kind === 'box') return { kind: 'box', from_xyz: [...shape.from_xyz], to_xyz: [...shape.to_xyz] };
  if (shape.kind === 'sphere') return { kind: 'sphere', centre_xyz_mm: [...grid.indexToWorld(shape.centre)], radius_mm: shape.radius_mm };
  return {
    kind: 'planes',
    axis: AXES[shape.axis],
    polygons: shape.polygons.map(({ index, points }) => ({ index, points: points.map(([u, v]) => [u, v]) })),
  };
}

/** A box from a drag on a slice: as deep as it is wide on the mean, within the image. */
export function boxFrom(grid: Grid, axis: Axis, a: Vec3, b: Vec3, depthMm: number | null): BoxShape {
  const low: [number, number, number] = [0, 0, 0];
  const high: [number, number, number] = [0, 0, 0];
  const [u, v] = besides(axis);
  for (const one of [u, v]) {
    low[one] = Math.round(Math.min(a[one], b[one]));
    high[one] = Math.round(Math.max(a[one], b[one]));
  }
  const side = (one: Axis): number => (high[one] - low[one] + 1) * grid.spacing[one];
  const half = Math.floor((depthMm ?? (side(u) + side(v)) / 2) / grid.spacing[axis] / 2);
  low[axis] = Math.round(a[axis]) - half;
  high[axis] = Math.round(a[axis]) + half;
  for (const one of [0, 1, 2] as const) {
    low[one] = Math.min(grid.shape[one] - 1, Math.max(0, low[one]));
    high[one] = Math.min(grid.shape[one] - 1, Math.max(0, high[one]));
  }
  return { kind: 'box', from_xyz: low, to_xyz: high };
}

/**
 * The polygon shape on a slice across its axis, as a mask [v][u]; null beyond the first and last drawn
 * plane. Between drawn planes the signed distances to the polygons (mm) are interpolated linearly.
 */
export function polygonMask(grid: Grid, { axis, polygons }: PlanesShape, slice: number): Uint8Array | null {
  const sorted = [...polygons].sort((a, b) => a.index - b.index);
  const below = sorted.filter((one) => one.index <= slice).at(-1);
  const above = sorted.find((one) => one.index >= slice);
  if (below === undefined || above === undefined) return null;
  const [u, v] = besides(axis);
  const [width, height] = [grid.shape[u], grid.shape[v]];
  const share = above.index === below.index ? 0 : (slice - below.index) / (above.index - below.index);
  const spacing: Uv = [grid.spacing[u], grid.spacing[v]];
  const mask = new Uint8Array(width * height);
  const reach = extentOf([...below.points, ...above.points]);
  for (let row = Math.max(0, Math.floor(reach.low[1])); row <= Math.min(height - 1, Math.ceil(reach.high[1])); row++) {
    for (let column = Math.max(0, Math.floor(reach.low[0])); column <= Math.min(width - 1, Math.ceil(reach.high[0])); column++) {
      const near = signedDistance(below.points, column, row, spacing);
      const far = share === 0 ? near : signedDistance(above.points, column, row, spacing);
      if (near * (1 - share) + far * share <= 0) mask[row * width + column] = 1;
    }
  }
  return mask;
}

/** mm to the polygon's edge, negative inside. */
export function signedDistance(points: readonly Uv[], u: number, v: number, spacing: Uv): number {
  let nearest = Infinity;
  let inside = false;
  for (let n = 0; n < points.length; n++) {
    const [u0, v0] = points[n] as Uv;
    const [u1, v1] = points[(n + 1) % points.length] as Uv;
    if (v0 > v !== v1 > v && u < ((u1 - u0) * (v - v0)) / (v1 - v0) + u0) inside = !inside;
    const [ex, ey] = [(u1 - u0) * spacing[0], (v1 - v0) * spacing[1]];
    const [px, py] = [(u - u0) * spacing[0], (v - v0) * spacing[1]];
    const length = ex * ex + ey * ey;
    const t = length === 0 ? 0 : Math.min(1, Math.max(0, (px * ex + py * ey) / length));
    nearest = Math.min(nearest, Math.hypot(px - t * ex, py - t * ey));
  }
  return inside ? -nearest : nearest;
}

function extentOf(points: readonly Uv[]): { low: Uv; high: Uv } {
  const us = points.map(([u]) => u);
  const vs = points.map(([, v]) => v);
  return { low: [Math.min(...us), Math.min(...vs)], high: [Math.max(...us), Math.max(...vs)] };
}

/** The mask of a shape on the slice of a view in plane order (right, down); null where it does not lie. */
export function shapeOnView(view: PlaneView, slice: number, shape: VoiShapeJson): Uint16Array | null {
  const { grid, axes } = view;
  const inside = insideTest(grid, axes.across.axis, slice, shape);
  if (inside === null) return null;
  const [width, height] = [grid.shape[axes.right.axis], grid.shape[axes.down.axis]];
  const mask = new Uint16Array(width * height);
  const at: [number, number, number] = [slice, slice, slice];
  let any = false;
  for (let row = 0; row < height; row++) {
    at[axes.down.axis] = axes.down.sign === 1 ? row : height - 1 - row;
    for (let column = 0; column < width; column++) {
      at[axes.right.axis] = axes.right.sign === 1 ? column : width - 1 - column;
      if (!inside(at)) continue;
      mask[row * width + column] = 1;
      any = true;
    }
  }
  return any ? mask : null;
}

function insideTest(grid: Grid, across: Axis, slice: number, shape: VoiShapeJson): ((at: Vec3) => boolean) | null {
  if (shape.kind === 'box') {
    const { from_xyz: low, to_xyz: high } = shape;
    if (slice < low[across] || slice > high[across]) return null;
    return (at) => ([0, 1, 2] as const).every((axis) => at[axis] >= low[axis] && at[axis] <= high[axis]);
  }
  if (shape.kind === 'sphere') {
    const { centre, radius_mm: radius } = shape;
    return (at) => Math.hypot(...([0, 1, 2] as const).map((axis) => (at[axis] - centre[axis]) * grid.spacing[axis])) <= radius + 1e-6;
  }
  // Across other axes the outline would need every slice: it is shown on the planes it was drawn on.
  if (across !== shape.axis) return null;
  const mask = polygonMask(grid, shape, slice);
  const [u, v] = besides(shape.axis);
  return mask === null ? null : (at) => mask[at[v] * grid.shape[u] + at[u]] === 1;
}
