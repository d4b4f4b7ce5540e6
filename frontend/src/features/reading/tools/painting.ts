/** Draws what is not an edit yet: outlined regions, circles, boxes and lines. */

import { cssColour } from '../../../viewer/colours';
import type { Vec3 } from '../../../viewer/grid';
import type { PlaneView } from '../../../viewer/planeView';
import { outlines } from '../../../viewer/render/labelSlice';
import type { Region, ToolCanvas } from './tool';

/** What leaves a lesion. */
export const ERASED = '#ff6b5e';
const DARK = 'rgb(0 0 0 / 0.75)';

/** Voxels of a region on a slice, in plane order (right, down); null when there are none. */
export function maskOnSlice(view: PlaneView, slice: number, voxels: Iterable<number>): Uint16Array | null {
  const { grid, axes } = view;
  const [width, height] = [grid.shape[axes.right.axis], grid.shape[axes.down.axis]];
  const { nx, ny } = grid;
  const across = axes.across.axis;
  const mask = new Uint16Array(width * height);
  const at = [0, 0, 0];
  let any = false;
  for (const flat of voxels) {
    const x = flat % nx;
    const rest = (flat - x) / nx;
    const y = rest % ny;
    const z = (rest - y) / ny;
    if ((across === 2 ? z : across === 1 ? y : x) !== slice) continue;
    [at[0], at[1], at[2]] = [x, y, z];
    const right = at[axes.right.axis] as number;
    const down = at[axes.down.axis] as number;
    const column = axes.right.sign === 1 ? right : width - 1 - right;
    const row = axes.down.sign === 1 ? down : height - 1 - down;
    mask[row * width + column] = 1;
    any = true;
  }
  return any ? mask : null;
}

export function paintRegion({ context, view, slice }: ToolCanvas, { voxels, label, erases }: Region): void {
  const mask = maskOnSlice(view, slice, voxels);
  if (mask === null) return;
  strokeMask(context, view, mask, erases ? ERASED : cssColour(label), erases);
}

/** Outlines a mask in plane order along the voxels' edges. */
export function strokeMask(context: CanvasRenderingContext2D, view: PlaneView, mask: Uint16Array, colour: string, dashed = false): void {
  const { grid, axes, camera, size } = view;
  const [width, height] = [grid.shape[axes.right.axis], grid.shape[axes.down.axis]];
  const path = outlines(mask, width, height).get(1);
  if (path === undefined) return;
  const placed = new Path2D();
  placed.addPath(
    path,
    new DOMMatrix([
      grid.spacing[axes.right.axis] / camera.mmPerPixel,
      0,
      0,
      grid.spacing[axes.down.axis] / camera.mmPerPixel,
      size.width / 2 - camera.centre[0] / camera.mmPerPixel,
      size.height / 2 - camera.centre[1] / camera.mmPerPixel,
    ]),
  );
  context.lineCap = 'square';
  strokeTwice(context, placed, colour, dashed);
}

/** A line that shows on white and on black. */
export function strokeTwice(context: CanvasRenderingContext2D, path: Path2D, colour: string, dashed = false): void {
  context.strokeStyle = DARK;
  context.lineWidth = 4;
  context.stroke(path);
  context.strokeStyle = colour;
  context.lineWidth = 2;
  if (dashed) context.setLineDash([5, 4]);
  context.stroke(path);
  context.setLineDash([]);
}

/** A thin circle round a place, light on dark and dark on light. */
export function paintCircle({ context, view }: ToolCanvas, centre: Vec3, radiusMm: number): void {
  const [x, y] = view.toCanvas(centre);
  context.beginPath();
  context.arc(x, y, Math.max(2, radiusMm / view.camera.mmPerPixel), 0, 2 * Math.PI);
  context.strokeStyle = 'rgb(255 255 255 / 0.85)';
  context.lineWidth = 2.5;
  context.stroke();
  context.strokeStyle = 'rgb(0 0 0 / 0.85)';
  context.lineWidth = 1;
  context.stroke();
}

/** A path through fractional voxel indices. */
export function pathOf(view: PlaneView, points: readonly Vec3[], closed: boolean): Path2D {
  const path = new Path2D();
  points.forEach((point, n) => {
    const [x, y] = view.toCanvas(point);
    if (n === 0) path.moveTo(x, y);
    else path.lineTo(x, y);
  });
  if (closed) path.closePath();
  return path;
}

export function paintPoint({ context, view, slice }: ToolCanvas, voxel: Vec3, colour: string): void {
  const axis = view.axes.across.axis;
  const [x, y] = view.toCanvas(voxel);
  context.beginPath();
  context.arc(x, y, voxel[axis] === slice ? 5 : 3, 0, 2 * Math.PI);
  context.fillStyle = colour;
  context.globalAlpha = voxel[axis] === slice ? 1 : 0.5;
  context.fill();
  context.strokeStyle = DARK;
  context.lineWidth = 1.5;
  context.stroke();
  context.globalAlpha = 1;
}
