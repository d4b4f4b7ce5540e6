/** The four planes: cameras, what is drawn when, and which voxel lies under the pointer. */

import type { Grid, Vec3 } from '../../viewer/grid';
import type { LabelStore } from '../../viewer/labelStore';
import { type Plane, type PlaneAxes, planeAxes } from '../../viewer/orientation';
import { PANES, type PaneId, type PaneSpec } from '../../viewer/panes';
import { fitCamera, panBy, type PlaneCamera, PlaneView, type VoxelBox, zoomAt } from '../../viewer/planeView';
import { OverlayPainter, type OverlayState, type PaneLayer } from '../../viewer/render/overlay';
import type { PlaneDrawer } from '../../viewer/render/renderer';
import { isShown, type ReadingState } from './state';
import type { Store } from './store';
import { FOLLOWS_POINTER } from './tools/tool';

export interface PaneElements {
  /** Cornerstone3D draws here. */
  readonly image: HTMLDivElement;
  /** We draw here, above it; it takes the pointer. */
  readonly overlay: HTMLCanvasElement;
}

/** Zoom is kept against "fits the pane", so that a pane made large shows the same part, larger. */
interface PlaneLook {
  centre: readonly [number, number] | null;
  zoom: number;
}

export interface PointerMark {
  readonly pane: PaneId;
  readonly x: number;
  readonly y: number;
}

const IMAGE_KEYS: (keyof ReadingState)[] = ['petWindow', 'ctWindow', 'fusion', 'ctAlone'];

export class Planes {
  readonly axes: Readonly<Record<Plane, PlaneAxes>>;
  pointer: PointerMark | null = null;
  /** What "fit" shows: the body, once the MIP has told where it is. */
  private body: VoxelBox | null = null;
  private readonly layers = new Map<string, PaneLayer>();
  private renderer: PlaneDrawer | null = null;
  private painter: OverlayPainter;
  private readonly looks: Record<Plane, PlaneLook> = {
    axial: { centre: null, zoom: 1 },
    coronal: { centre: null, zoom: 1 },
    sagittal: { centre: null, zoom: 1 },
  };
  private readonly moved = new Set<PaneId>();
  private readonly redraw = new Set<PaneId>();
  private readonly awaited = new Set<PaneId>();
  private readonly whenDrawn: (() => void)[] = [];
  private frame = 0;
  private last: ReadingState;
  private readonly forget: (() => void)[] = [];

  constructor(
    readonly grid: Grid,
    private readonly elements: Readonly<Record<PaneId, PaneElements>>,
    private readonly state: Store<ReadingState>,
    labels: LabelStore | null,
  ) {
    this.axes = {
      axial: planeAxes(grid, 'axial'),
      coronal: planeAxes(grid, 'coronal'),
      sagittal: planeAxes(grid, 'sagittal'),
    };
    this.painter = new OverlayPainter(labels);
    this.last = state.get();
    this.forget.push(state.subscribe(() => this.follow()));
    const watcher = new ResizeObserver(() => this.resized());
    for (const { id } of PANES) watcher.observe(elements[id].image);
    this.forget.push(() => watcher.disconnect());
  }

  /** Lesions became known, or changed. */
  setLabels(labels: LabelStore): void {
    this.painter = new OverlayPainter(labels);
    this.forget.push(labels.subscribe(() => this.redrawAll()));
    this.redrawAll();
  }

  setBody(body: VoxelBox | null): void {
    this.body = body;
    this.moveAll();
  }

  setRenderer(renderer: PlaneDrawer): void {
    this.renderer = renderer;
  }

  /** Cornerstone3D has drawn a pane: what lies over it follows in the same frame. */
  rendered(pane: PaneId): void {
    this.paint(pane);
    this.awaited.delete(pane);
    if (this.awaited.size === 0) this.whenDrawn.splice(0).forEach((tell) => tell());
  }

  /** Draws all visible panes at their place; resolves when they stand on the screen. */
  drawn(): Promise<void> {
    for (const { id } of PANES) if (this.isVisible(id)) this.awaited.add(id);
    this.moveAll();
    return new Promise((resolve) => this.whenDrawn.push(resolve));
  }

  /** Where Cornerstone3D itself draws a place: it must agree with our own mapping. */
  renderedPoint(pane: PaneId, world: Vec3): [number, number] | null {
    return this.renderer?.worldToCanvas(pane, world) ?? null;
  }

  /** What the active tool has drawn changed. */
  repaintTools(): void {
    this.redrawAll();
  }

  /** Puts a layer over all planes, in place of the last one of this name. */
  setLayer(name: string, layer: PaneLayer | null): void {
    if (layer === null) this.layers.delete(name);
    else this.layers.set(name, layer);
    this.redrawAll();
  }

  setPointer(pointer: PointerMark | null): void {
    this.pointer = pointer;
    if (FOLLOWS_POINTER.has(this.state.get().tool)) this.redrawAll();
  }

  view(pane: PaneId): PlaneView {
    const { plane } = specOf(pane);
    const { clientWidth: width, clientHeight: height } = this.elements[pane].image;
    const size = { width: Math.max(1, width), height: Math.max(1, height) };
    const fit = fitCamera(this.grid, this.axes[plane], size, this.body);
    const { centre, zoom } = this.looks[plane];
    const camera: PlaneCamera = { centre: centre ?? fit.centre, mmPerPixel: fit.mmPerPixel / zoom };
    return new PlaneView(this.grid, this.axes[plane], camera, size);
  }

  slice(pane: PaneId): number {
    return this.state.get().cursor[this.axes[specOf(pane).plane].across.axis];
  }

  /** Fractional voxel index under a point of a pane. */
  indexAt(pane: PaneId, x: number, y: number): Vec3 {
    return this.view(pane).toIndex(x, y, this.slice(pane));
  }

  voxelAt(pane: PaneId, x: number, y: number): Vec3 | null {
    const [i, j, k] = this.indexAt(pane, x, y);
    const voxel: Vec3 = [Math.round(i), Math.round(j), Math.round(k)];
    return this.grid.contains(voxel) ? voxel : null;
  }

  pan(pane: PaneId, dx: number, dy: number): void {
    this.keep(pane, panBy(this.view(pane).camera, dx, dy));
  }

  zoom(pane: PaneId, x: number, y: number, factor: number): void {
    this.keep(pane, zoomAt(this.view(pane), x, y, factor));
  }

  fitAll(): void {
    for (const plane of ['axial', 'coronal', 'sagittal'] as const) this.looks[plane] = { centre: null, zoom: 1 };
    this.moveAll();
  }

  destroy(): void {
    cancelAnimationFrame(this.frame);
    this.forget.splice(0).forEach((undo) => undo());
    this.renderer?.destroy();
    this.renderer = null;
  }

  moveAll(): void {
    for (const { id } of PANES) this.moved.add(id);
    this.schedule();
  }

  private keep(pane: PaneId, camera: PlaneCamera): void {
    const { plane } = specOf(pane);
    const fit = fitCamera(this.grid, this.axes[plane], this.view(pane).size, this.body);
    this.looks[plane] = { centre: camera.centre, zoom: fit.mmPerPixel / camera.mmPerPixel };
    for (const { id, plane: other } of PANES) if (other === plane) this.moved.add(id);
    this.schedule();
  }

  private follow(): void {
    const [before, now] = [this.last, this.state.get()];
    this.last = now;
    if (IMAGE_KEYS.some((key) => before[key] !== now[key])) {
      this.renderer?.setDisplay(displayOf(now));
      this.moveAll();
    }
    if (before.cursor !== now.cursor) {
      for (const { id, plane } of PANES) {
        const { axis } = this.axes[plane].across;
        (before.cursor[axis] === now.cursor[axis] ? this.redraw : this.moved).add(id);
      }
      this.schedule();
    }
    if (before.maximised !== now.maximised || before.layout !== now.layout) this.moveAll();
    const overlay = ['selected', 'overlaysHidden', 'fill', 'preview', 'tool'] as const;
    if (overlay.some((key) => before[key] !== now[key])) this.redrawAll();
  }

  private redrawAll(): void {
    for (const { id } of PANES) this.redraw.add(id);
    this.schedule();
  }

  private resized(): void {
    this.renderer?.resize();
    this.moveAll();
  }

  private schedule(): void {
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    this.frame = 0;
    const moved = [...this.moved].filter((pane) => this.isVisible(pane));
    const redraw = [...this.redraw].filter((pane) => this.isVisible(pane) && !this.moved.has(pane));
    this.moved.clear();
    this.redraw.clear();
    if (this.renderer === null) {
      [...moved, ...redraw].forEach((pane) => this.paint(pane));
      return;
    }
    for (const pane of moved) this.renderer.setView(pane, this.view(pane), this.slice(pane));
    if (moved.length > 0) this.renderer.render(moved);
    redraw.forEach((pane) => this.paint(pane));
  }

  /** A pane behind a large one is not drawn; it is drawn again when it comes back. */
  private isVisible(pane: PaneId): boolean {
    return isShown(this.state.get(), pane);
  }

  private paint(pane: PaneId): void {
    this.painter.paint(this.elements[pane].overlay, this.view(pane), this.overlayState(pane));
  }

  private overlayState(pane: PaneId): OverlayState {
    const { cursor, overlaysHidden, fill, selected } = this.state.get();
    return {
      slice: this.slice(pane),
      cursor,
      dark: specOf(pane).content === 'fused',
      hidden: overlaysHidden,
      fill,
      selected,
      layers: [...this.layers.values()],
    };
  }
}

export function displayOf({ petWindow, ctWindow, fusion, ctAlone }: ReadingState) {
  return { petWindow, ctWindow, fusion, ctAlone };
}

export function specOf(pane: PaneId): PaneSpec {
  const spec = PANES.find((one) => one.id === pane);
  if (spec === undefined) throw new Error(`There is no pane ${pane}.`);
  return spec;
}
