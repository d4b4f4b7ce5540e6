/** What lies over a pane's image: lesions, crosshair, layers, scale bar, orientation letters. */

import { cssColour } from '../colours';
import type { Vec3 } from '../grid';
import type { LabelStore } from '../labelStore';
import type { PlaneView } from '../planeView';
import { paintLetters, paintScaleBar } from './marks';
import { drawLabels, type LabelSlice, sliceLabels } from './labelSlice';

/** Something more over a plane: a reference sphere, a comparison, a map. Painted above the lesions. */
export interface PaneLayer {
  /** The layer shows the lesions in a way of its own, or needs their fill out of the way. */
  readonly replaces?: 'lesions' | 'fill';
  paint(context: CanvasRenderingContext2D, view: PlaneView, slice: number): void;
}

export interface OverlayState {
  readonly slice: number;
  readonly cursor: Vec3;
  readonly dark: boolean;
  readonly hidden: boolean;
  readonly fill: boolean;
  readonly selected: number | null;
  readonly layers?: readonly PaneLayer[];
}

const FILL_ALPHA = 0.38;

/** Keeps the last slice of each plane as a picture: moving the crosshair within it costs nothing. */
export class OverlayPainter {
  private revision = 0;
  private readonly slices = new Map<string, { key: string; picture: LabelSlice; bitmap: OffscreenCanvas | null }>();

  constructor(private readonly store: LabelStore | null) {
    store?.subscribe(() => (this.revision += 1));
  }

  paint(canvas: HTMLCanvasElement, view: PlaneView, state: OverlayState): void {
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(view.size.width * ratio), Math.round(view.size.height * ratio)];
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    const context = canvas.getContext('2d');
    if (context === null) return;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, view.size.width, view.size.height);
    if (!state.hidden) {
      const layers = state.layers ?? [];
      if (!layers.some((layer) => layer.replaces === 'lesions')) this.paintLesions(context, view, state);
      for (const layer of layers) layer.paint(context, view, state.slice);
      paintCrosshair(context, view, state);
    }
    paintLetters(context, view.axes.letters, view.size, state.dark);
    paintScaleBar(context, view.size, view.camera.mmPerPixel, state.dark);
  }

  private paintLesions(context: CanvasRenderingContext2D, view: PlaneView, state: OverlayState): void {
    const { picture, bitmap } = this.slice(view, state.slice);
    if (bitmap === null) return;
    const frame = planeFrame(view);
    if (state.fill && !state.layers?.some((layer) => layer.replaces === 'fill')) {
      context.globalAlpha = FILL_ALPHA;
      drawIn(context, bitmap, frame);
      context.globalAlpha = 1;
    }
    for (const { label, path } of picture.outlines) {
      strokeIn(context, path, frame, cssColour(label), label === state.selected ? 2.5 : 1.25);
    }
  }

  private slice(view: PlaneView, slice: number): { picture: LabelSlice; bitmap: OffscreenCanvas | null } {
    const { plane } = view.axes;
    const key = `${slice}/${this.revision}`;
    const known = this.slices.get(plane);
    if (known?.key === key) return known;
    const made = { key, ...this.makeSlice(view, slice) };
    this.slices.set(plane, made);
    return made;
  }

  private makeSlice(view: PlaneView, slice: number): { picture: LabelSlice; bitmap: OffscreenCanvas | null } {
    const { store } = this;
    const [width, height] = [view.grid.shape[view.axes.right.axis], view.grid.shape[view.axes.down.axis]];
    if (store === null) return { picture: { width, height, pixels: null, outlines: [] }, bitmap: null };
    const plane = sliceLabels(view.grid, view.axes, slice, (flat) => store.labels[flat] as number);
    const picture = drawLabels(plane, width, height);
    if (picture.pixels === null) return { picture, bitmap: null };
    const bitmap = new OffscreenCanvas(width, height);
    bitmap.getContext('2d')?.putImageData(picture.pixels, 0, 0);
    return { picture, bitmap };
  }
}

export interface Frame {
  /** Canvas point of the centre of the top left voxel, CSS pixels, and pixels a voxel. */
  readonly x: number;
  readonly y: number;
  readonly scaleX: number;
  readonly scaleY: number;
}

export function planeFrame(view: PlaneView): Frame {
  const { camera, size, axes, grid } = view;
  return {
    x: size.width / 2 - camera.centre[0] / camera.mmPerPixel,
    y: size.height / 2 - camera.centre[1] / camera.mmPerPixel,
    scaleX: grid.spacing[axes.right.axis] / camera.mmPerPixel,
    scaleY: grid.spacing[axes.down.axis] / camera.mmPerPixel,
  };
}

/** Lays a picture of the plane's voxels over it, each voxel with sharp edges. */
export function drawIn(context: CanvasRenderingContext2D, picture: OffscreenCanvas, frame: Frame): void {
  context.imageSmoothingEnabled = false;
  context.drawImage(
    picture,
    frame.x - frame.scaleX / 2,
    frame.y - frame.scaleY / 2,
    picture.width * frame.scaleX,
    picture.height * frame.scaleY,
  );
}

/** Strokes a path given in plane pixels with a line that keeps its width. */
export function strokeIn(context: CanvasRenderingContext2D, path: Path2D, frame: Frame, colour: string, width: number): void {
  const placed = new Path2D();
  placed.addPath(path, new DOMMatrix([frame.scaleX, 0, 0, frame.scaleY, frame.x, frame.y]));
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke(placed);
}

function paintCrosshair(context: CanvasRenderingContext2D, view: PlaneView, state: OverlayState): void {
  const [x, y] = view.toCanvas(state.cursor);
  const { width, height } = view.size;
  const gap = 14;
  context.beginPath();
  for (const [x0, y0, x1, y1] of [
    [0, y, x - gap, y],
    [x + gap, y, width, y],
    [x, 0, x, y - gap],
    [x, y + gap, x, height],
  ] as const) {
    context.moveTo(x0, y0);
    context.lineTo(x1, y1);
  }
  context.strokeStyle = 'rgb(77 182 255 / 0.55)';
  context.lineWidth = 1;
  context.stroke();
}
