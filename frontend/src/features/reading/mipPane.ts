/** The MIP on a 2D canvas: the map of the patient, on screen before any voxel has arrived. */

import { lesionColour } from '../../viewer/colours';
import { clamp, type Grid, type Vec3 } from '../../viewer/grid';
import type { LabelStore } from '../../viewer/labelStore';
import { type BodyFrame, bodyFrame, greyTable, type MipFrames, MipGeometry, paintFrame, sidesAt } from '../../viewer/mip';
import { paintLetters, paintScaleBar } from '../../viewer/render/marks';
import type { ReadingState } from './state';
import type { Store } from './store';

const LABEL_ALPHA = 200;
const PLAY_MS = 110;
/** Room for the play button, CSS pixels. */
const SCALE_ABOVE = 22;
const FITTED = { x: 0, y: 0, zoom: 1 } as const;
const ZOOM = { least: 0.5, most: 12 } as const;

export interface Placement {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Something more over the MIP; drawn above the lesions, or in their place. */
export interface MipLayer {
  readonly replacesLesions?: boolean;
  paint(context: CanvasRenderingContext2D, pane: MipPane, place: Placement): void;
}

export class MipPane {
  readonly geometry: MipGeometry;
  private readonly base: OffscreenCanvas;
  private readonly over: OffscreenCanvas;
  private readonly body: BodyFrame;
  private readonly layers = new Map<string, MipLayer>();
  private labels: LabelStore | null = null;
  private revision = 0;
  private baseKey = '';
  private overKey = '';
  private projection: Uint16Array | null = null;
  private frame = 0;
  private readonly forget: (() => void)[] = [];
  private timer: ReturnType<typeof setInterval> | null = null;
  /** Pan in CSS pixels and zoom about the middle of the pane. */
  private look: { readonly x: number; readonly y: number; readonly zoom: number } = FITTED;
  /** How long the last label projection took, ms. */
  projectionMs = 0;

  constructor(
    grid: Grid,
    private readonly mip: MipFrames,
    private readonly canvas: HTMLCanvasElement,
    private readonly state: Store<ReadingState>,
  ) {
    this.geometry = new MipGeometry(grid);
    this.body = bodyFrame(mip);
    this.base = new OffscreenCanvas(mip.columns, mip.rows);
    this.over = new OffscreenCanvas(mip.columns, mip.rows);
    this.forget.push(state.subscribe(() => this.schedule()));
    const watcher = new ResizeObserver(() => this.schedule());
    watcher.observe(canvas);
    this.forget.push(() => watcher.disconnect());
    this.draw();
  }

  setLabels(labels: LabelStore): void {
    this.labels = labels;
    this.revision += 1;
    this.forget.push(
      labels.subscribe(() => {
        this.revision += 1;
        this.schedule();
      }),
    );
    this.schedule();
  }

  /** Puts a layer over the MIP, in place of the last one of this name. */
  setLayer(name: string, layer: MipLayer | null): void {
    if (layer === null) this.layers.delete(name);
    else this.layers.set(name, layer);
    this.schedule();
  }

  get angleDeg(): number {
    return this.mip.anglesDeg[this.state.get().mipFrame] ?? 0;
  }

  turn(frames: number): void {
    const count = this.mip.anglesDeg.length;
    const { mipFrame } = this.state.get();
    this.state.set({ mipFrame: (((mipFrame + frames) % count) + count) % count });
  }

  play(on: boolean): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = on ? setInterval(() => this.turn(1), PLAY_MS) : null;
    this.state.set({ playing: on });
  }

  pan(dx: number, dy: number): void {
    this.look = { ...this.look, x: this.look.x + dx, y: this.look.y + dy };
    this.schedule();
  }

  /** What lies under the point stays under it. */
  zoom(x: number, y: number, factor: number): void {
    const { clientWidth, clientHeight } = this.canvas;
    const zoom = clamp(this.look.zoom * factor, ZOOM.least, ZOOM.most);
    const grown = zoom / this.look.zoom;
    const moved = (at: number, pan: number, size: number): number => at - size / 2 - (at - size / 2 - pan) * grown;
    this.look = { x: moved(x, this.look.x, clientWidth), y: moved(y, this.look.y, clientHeight), zoom };
    this.schedule();
  }

  fit(): void {
    this.look = FITTED;
    this.schedule();
  }

  /** MIP pixel (row from the feet, column) under a canvas point, null beside the picture. */
  pixelAt(x: number, y: number): { row: number; column: number } | null {
    const place = this.placement();
    const column = Math.floor(((x - place.x) / place.width) * this.mip.columns);
    const row = this.mip.rows - 1 - Math.floor(((y - place.y) / place.height) * this.mip.rows);
    if (column < 0 || row < 0 || column >= this.mip.columns || row >= this.mip.rows) return null;
    return { row, column };
  }

  /** Canvas point of a voxel at the angle shown. */
  pointOf(voxel: Vec3): [number, number] {
    const { column, row } = this.geometry.locate(voxel, this.angleDeg);
    const place = this.placement();
    return [
      place.x + ((column + 0.5) / this.mip.columns) * place.width,
      place.y + ((this.mip.rows - row - 0.5) / this.mip.rows) * place.height,
    ];
  }

  /** The lesion seen at a canvas point; 0 for none. */
  labelAt(x: number, y: number): number {
    const pixel = this.pixelAt(x, y);
    if (pixel === null || this.labels === null) return 0;
    this.project();
    return this.projection?.[pixel.row * this.mip.columns + pixel.column] ?? 0;
  }

  destroy(): void {
    if (this.timer !== null) clearInterval(this.timer);
    cancelAnimationFrame(this.frame);
    this.forget.splice(0).forEach((undo) => undo());
  }

  private schedule(): void {
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.draw());
  }

  private placement(): Placement {
    const { clientWidth, clientHeight } = this.canvas;
    const { rows, columns } = this.body;
    const { pixelMm, rowMm } = this.geometry;
    // The body fills the pane; the turning picture keeps its axis in the middle of the columns.
    const middle = (this.mip.columns - 1) / 2;
    const reach = Math.max(middle - columns[0], columns[1] - middle) + 1;
    const fit = Math.min(clientWidth / (2 * reach * pixelMm), clientHeight / ((rows[1] - rows[0] + 3) * rowMm));
    const { x, y, zoom } = this.look;
    const scale = fit * zoom;
    const [width, height] = [this.mip.columns * pixelMm * scale, this.mip.rows * rowMm * scale];
    const centreRow = this.mip.rows - (rows[0] + rows[1] + 1) / 2;
    return { x: (clientWidth - width) / 2 + x, y: clientHeight / 2 - centreRow * rowMm * scale + y, width, height };
  }

  private draw(): void {
    this.frame = 0;
    this.drawBase();
    const ratio = window.devicePixelRatio || 1;
    const { clientWidth, clientHeight } = this.canvas;
    const [width, height] = [Math.round(clientWidth * ratio), Math.round(clientHeight * ratio)];
    if (this.canvas.width !== width || this.canvas.height !== height) [this.canvas.width, this.canvas.height] = [width, height];
    const context = this.canvas.getContext('2d');
    if (context === null) return;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.fillStyle = '#fff';
    context.fillRect(0, 0, clientWidth, clientHeight);
    const place = this.placement();
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = 'high';
    context.drawImage(this.base, place.x, place.y, place.width, place.height);
    this.drawSides(context, place);
    if (this.state.get().overlaysHidden) return;
    const layers = [...this.layers.values()];
    if (this.labels !== null && !layers.some((layer) => layer.replacesLesions)) {
      this.project();
      context.drawImage(this.over, place.x, place.y, place.width, place.height);
    }
    for (const layer of layers) layer.paint(context, this, place);
    this.drawCursor(context);
  }

  /** Which side of the patient is where, and how long a centimetre is: letters turn with the picture. */
  private drawSides(context: CanvasRenderingContext2D, place: Placement): void {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const [left, right] = sidesAt(this.angleDeg);
    paintLetters(context, { top: 'H', left, right }, { width, height }, false);
    // The play button stands in the corner where the other panes have the bar.
    paintScaleBar(context, { width, height: height - SCALE_ABOVE }, (this.mip.columns * this.geometry.pixelMm) / place.width, false);
  }

  private drawBase(): void {
    const { mipFrame, petWindow } = this.state.get();
    const key = `${mipFrame}/${petWindow.lower}/${petWindow.upper}`;
    if (key === this.baseKey) return;
    this.baseKey = key;
    const image = new ImageData(this.mip.columns, this.mip.rows);
    paintFrame(image.data, this.mip, mipFrame, greyTable(this.mip.scaleMax, petWindow.lower, petWindow.upper));
    this.base.getContext('2d')?.putImageData(image, 0, 0);
  }

  private project(): void {
    const { mipFrame } = this.state.get();
    const key = `${mipFrame}/${this.revision}`;
    if (this.labels === null || key === this.overKey) return;
    this.overKey = key;
    const { labels } = this;
    const start = performance.now();
    this.projection = this.geometry.projectLabels(
      labels.present.map((label) => [label, labels.voxels(label)] as const),
      this.angleDeg,
    );
    this.projectionMs = performance.now() - start;
    const image = new ImageData(this.mip.columns, this.mip.rows);
    const { columns, rows } = this.mip;
    for (let i = 0; i < this.projection.length; i++) {
      const label = this.projection[i] as number;
      if (label === 0) continue;
      const row = Math.floor(i / columns);
      const [r, g, b] = lesionColour(label);
      image.data.set([r, g, b, LABEL_ALPHA], ((rows - 1 - row) * columns + (i % columns)) * 4);
    }
    this.over.getContext('2d')?.putImageData(image, 0, 0);
  }

  private drawCursor(context: CanvasRenderingContext2D): void {
    const [x, y] = this.pointOf(this.state.get().cursor);
    context.strokeStyle = 'rgb(77 182 255 / 0.6)';
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(0, y);
    context.lineTo(x - 10, y);
    context.moveTo(x + 10, y);
    context.lineTo(this.canvas.clientWidth, y);
    context.stroke();
    context.strokeStyle = 'rgb(30 120 200 / 0.9)';
    context.lineWidth = 1.5;
    context.beginPath();
    context.arc(x, y, 8, 0, 2 * Math.PI);
    context.stroke();
  }
}
