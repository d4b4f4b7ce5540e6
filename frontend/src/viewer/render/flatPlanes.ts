/** The four planes on 2D canvases, for browsers without WebGL 2: slower to look at, the same to work with. */

import type { Grid, Vec3 } from '../grid';
import { planeAxes } from '../orientation';
import { type Display, PANES, type PaneId } from '../panes';
import type { PlaneView } from '../planeView';
import { planeStrides } from './labelSlice';
import { type Elements, fusionPoints, HOT_IRON_POINTS, type PlaneDrawer, type Rendered } from './renderer';
import type { ImageVolume } from './volumes';

interface Place {
  readonly view: PlaneView;
  readonly slice: number;
}

/** RGBA of 256 steps through a window. */
type Table = Uint8ClampedArray;

export class FlatPlaneDrawer implements PlaneDrawer {
  private readonly canvases: Record<PaneId, HTMLCanvasElement>;
  private readonly places = new Map<PaneId, Place>();
  private readonly waiting = new Set<PaneId>();
  private pet: ImageVolume | null = null;
  private ct: ImageVolume | null = null;
  private frame = 0;

  constructor(
    elements: Elements,
    private display: Display,
    private readonly onRendered: Rendered,
  ) {
    const made = PANES.map(({ id }) => {
      const canvas = document.createElement('canvas');
      canvas.style.cssText = 'position:absolute;inset:0;width:100%;height:100%';
      elements[id].append(canvas);
      return [id, canvas] as const;
    });
    this.canvases = Object.fromEntries(made) as Record<PaneId, HTMLCanvasElement>;
  }

  showPet(volume: ImageVolume): Promise<void> {
    this.pet = volume;
    return Promise.resolve();
  }

  showCt(volume: ImageVolume): Promise<void> {
    this.ct = volume;
    return Promise.resolve();
  }

  setDisplay(display: Display): void {
    this.display = display;
  }

  setView(pane: PaneId, view: PlaneView, slice: number): void {
    this.places.set(pane, { view, slice });
  }

  render(panes: readonly PaneId[]): void {
    for (const pane of panes) this.waiting.add(pane);
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.draw());
  }

  resize(): void {
    this.render([...this.places.keys()]);
  }

  worldToCanvas(pane: PaneId, world: readonly [number, number, number]): [number, number] {
    const place = this.places.get(pane);
    return place ? place.view.toCanvas(place.view.grid.worldToIndex(world)) : [0, 0];
  }

  destroy(): void {
    cancelAnimationFrame(this.frame);
    for (const canvas of Object.values(this.canvases)) canvas.remove();
  }

  private draw(): void {
    this.frame = 0;
    const panes = [...this.waiting];
    this.waiting.clear();
    for (const pane of panes) {
      this.drawPane(pane);
      this.onRendered(pane);
    }
  }

  private drawPane(pane: PaneId): void {
    const place = this.places.get(pane);
    const canvas = this.canvases[pane];
    const context = canvas.getContext('2d');
    if (place === undefined || this.pet === null || context === null) return;
    const ratio = window.devicePixelRatio || 1;
    const { width, height } = place.view.size;
    [canvas.width, canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const fused = PANES.find((one) => one.id === pane)?.content === 'fused';
    context.fillStyle = fused ? '#000' : '#fff';
    context.fillRect(0, 0, width, height);
    const { petWindow, ctWindow, ctAlone, fusion } = this.display;
    if (fused && this.ct) drawSlice(context, place, this.ct, ctWindow, GREY);
    if (!fused) drawSlice(context, place, this.pet, petWindow, INVERSE_GREY);
    else if (this.ct === null || !ctAlone) drawSlice(context, place, this.pet, petWindow, hotTable(this.display, this.ct === null ? 1 : fusion));
  }
}

/** Draws the slice of a volume that lies nearest to the plane; nothing where the volume does not reach. */
function drawSlice(context: CanvasRenderingContext2D, { view, slice }: Place, volume: ImageVolume, window: Display['petWindow'], table: Table): void {
  const { grid, data } = volume;
  const axes = planeAxes(grid, view.axes.plane);
  const at = Math.round(grid.worldToIndex(view.focalPoint(slice))[axes.across.axis]);
  if (at < 0 || at >= grid.shape[axes.across.axis]) return;
  const { start, right, down, width, height } = planeStrides(grid, axes, at);
  const image = new ImageData(width, height);
  const target = new Uint32Array(image.data.buffer);
  const colours = new Uint32Array(table.buffer);
  const scale = 255 / Math.max(1e-6, window.upper - window.lower);
  for (let row = 0, to = 0; row < height; row++) {
    let flat = start + row * down;
    for (let column = 0; column < width; column++, flat += right, to++) {
      const step = ((data[flat] as number) - window.lower) * scale;
      target[to] = colours[step < 0 ? 0 : step > 255 ? 255 : step | 0] as number;
    }
  }
  const bitmap = new OffscreenCanvas(width, height);
  bitmap.getContext('2d')?.putImageData(image, 0, 0);
  const [x0, y0] = cornerOf(view, grid, axes, at, 0, 0, width, height);
  const [x1, y1] = cornerOf(view, grid, axes, at, 1, 1, width, height);
  const [pixelX, pixelY] = [(x1 - x0) / Math.max(1, width - 1), (y1 - y0) / Math.max(1, height - 1)];
  context.imageSmoothingEnabled = true;
  context.drawImage(bitmap, x0 - pixelX / 2, y0 - pixelY / 2, width * pixelX, height * pixelY);
}

/** Canvas point of the first (0) or last (1) voxel to the right and downwards. */
function cornerOf(view: PlaneView, grid: Grid, axes: ReturnType<typeof planeAxes>, slice: number, right: 0 | 1, down: 0 | 1, width: number, height: number): [number, number] {
  const index: [number, number, number] = [0, 0, 0];
  index[axes.across.axis] = slice;
  index[axes.right.axis] = (right === 1) === (axes.right.sign === 1) ? width - 1 : 0;
  index[axes.down.axis] = (down === 1) === (axes.down.sign === 1) ? height - 1 : 0;
  const world: Vec3 = grid.indexToWorld(index);
  return view.toCanvas(view.grid.worldToIndex(world));
}

const GREY = makeTable((step) => [step, step, step, 255]);
const INVERSE_GREY = makeTable((step) => [255 - step, 255 - step, 255 - step, 255]);

function hotTable(display: Display, share: number): Table {
  const points = fusionPoints({ ...display, petWindow: { lower: 0, upper: 255 } }, share);
  return makeTable((step) => {
    const [r, g, b] = hotIron(step / 255);
    return [r * 255, g * 255, b * 255, opacityAt(points, step) * 255];
  });
}

function makeTable(colour: (step: number) => readonly [number, number, number, number]): Table {
  const table = new Uint8ClampedArray(1024);
  for (let step = 0; step < 256; step++) table.set(colour(step), step * 4);
  return table;
}

function hotIron(share: number): [number, number, number] {
  const p = HOT_IRON_POINTS;
  let n = 0;
  while (n + 8 <= p.length - 4 && share > (p[n + 4] as number)) n += 4;
  const [from, to] = [p[n] as number, p[n + 4] as number];
  const part = to > from ? Math.min(1, (share - from) / (to - from)) : 0;
  const mix = (c: number): number => (p[n + c] as number) * (1 - part) + (p[n + 4 + c] as number) * part;
  return [mix(1), mix(2), mix(3)];
}

function opacityAt(points: readonly { value: number; opacity: number }[], value: number): number {
  const next = points.findIndex((point) => point.value >= value);
  if (next <= 0) return points[next === 0 ? 0 : points.length - 1]?.opacity ?? 0;
  const [a, b] = [points[next - 1], points[next]] as [{ value: number; opacity: number }, { value: number; opacity: number }];
  return a.opacity + ((b.opacity - a.opacity) * (value - a.value)) / (b.value - a.value);
}
