/** Layers over a plane: a reference sphere, lesions that are only proposed, another version, a map of shares. */

import { cssColour } from '../colours';
import type { Grid, Vec3 } from '../grid';
import type { PlaneAxes } from '../orientation';
import type { PlaneView } from '../planeView';
import { outlines, planeStrides, sliceLabels } from './labelSlice';
import { drawIn, type Frame, type PaneLayer, planeFrame, strokeIn } from './overlay';

type Rgba = readonly [number, number, number, number];
const HALO = 'rgb(0 0 0 / 0.7)';

/** Keeps what was made for the last slice of each plane. */
class PerSlice<T> {
  private readonly kept = new Map<string, { slice: number; revision: number; made: T }>();

  get(view: PlaneView, slice: number, revision: number, make: () => T): T {
    const { plane } = view.axes;
    const known = this.kept.get(plane);
    if (known?.slice === slice && known.revision === revision) return known.made;
    const made = make();
    this.kept.set(plane, { slice, revision, made });
    return made;
  }
}

/** A sphere: its cut where it meets the slice, its whole outline dashed where it lies before or behind. */
export class SphereLayer implements PaneLayer {
  constructor(
    /** Fractional voxel index. */
    private readonly centre: Vec3,
    private readonly radiusMm: number,
    private readonly colour: string,
    /** Placed, not only under the pointer. */
    private readonly placed: boolean,
  ) {}

  paint(context: CanvasRenderingContext2D, view: PlaneView, slice: number): void {
    const { axis } = view.axes.across;
    const radius = cutRadius(this.radiusMm, (this.centre[axis] - slice) * view.grid.spacing[axis]);
    const [x, y] = view.toCanvas(this.centre);
    context.save();
    context.beginPath();
    context.arc(x, y, (radius ?? this.radiusMm) / view.camera.mmPerPixel, 0, 2 * Math.PI);
    context.setLineDash(radius === null ? [3, 5] : this.placed ? [] : [7, 4]);
    context.strokeStyle = HALO;
    context.lineWidth = radius === null ? 2.5 : 4;
    context.stroke();
    context.strokeStyle = this.colour;
    context.lineWidth = radius === null ? 1 : 2;
    context.stroke();
    if (radius !== null) {
      context.beginPath();
      context.arc(x, y, 1.5, 0, 2 * Math.PI);
      context.fillStyle = this.colour;
      context.fill();
    }
    context.restore();
  }
}

/** Radius of the circle in which a plane cuts a sphere; null where it passes by. */
export function cutRadius(radiusMm: number, distanceMm: number): number | null {
  const left = radiusMm ** 2 - distanceMm ** 2;
  return left > 0 ? Math.sqrt(left) : null;
}

/** Labels of voxel lists on a slice, in plane order; null where none lies on it. */
export function sparseSlice(grid: Grid, axes: PlaneAxes, slice: number, lists: Iterable<readonly [number, Int32Array]>): Uint16Array | null {
  const [width, height] = [grid.shape[axes.right.axis], grid.shape[axes.down.axis]];
  let plane: Uint16Array | null = null;
  for (const [label, voxels] of lists) {
    for (const flat of voxels) {
      const index = grid.unflat(flat);
      if (index[axes.across.axis] !== slice) continue;
      const column = axes.right.sign === 1 ? index[axes.right.axis] : width - 1 - index[axes.right.axis];
      const row = axes.down.sign === 1 ? index[axes.down.axis] : height - 1 - index[axes.down.axis];
      plane ??= new Uint16Array(width * height);
      plane[row * width + column] = label;
    }
  }
  return plane;
}

/** Lesions that are not an edit yet: light fill and a double outline. */
export class ProposedLayer implements PaneLayer {
  private readonly slices = new PerSlice<ReadonlyMap<number, Path2D>>();

  constructor(private readonly lesions: ReadonlyMap<number, Int32Array>) {}

  paint(context: CanvasRenderingContext2D, view: PlaneView, slice: number): void {
    const frame = planeFrame(view);
    const paths = this.slices.get(view, slice, 0, () => {
      const plane = sparseSlice(view.grid, view.axes, slice, this.lesions);
      return plane ? outlines(plane, view.grid.shape[view.axes.right.axis], view.grid.shape[view.axes.down.axis]) : new Map<number, Path2D>();
    });
    for (const [label, path] of paths) {
      fillIn(context, path, frame, cssColour(label, 0.3));
      strokeIn(context, path, frame, HALO, 3.5);
      strokeIn(context, path, frame, cssColour(label), 1.75);
    }
  }
}

export type ComparisonView = 'outlines' | 'difference';
export const THERE_COLOUR = '#ffa630';
export const HERE_COLOUR = '#45b7ff';
export const BOTH_COLOUR = '#9aa4b0';

/** What two label maps say of a voxel. */
export const HERE = 1;
export const THERE = 2;
export const BOTH = 3;

/** HERE, THERE, BOTH, or 0 where neither has a lesion. */
export const agreementOf = (here: number, there: number): number => (here !== 0 ? HERE : 0) | (there !== 0 ? THERE : 0);

const AGREEMENT_COLOURS: Readonly<Record<number, string>> = { [HERE]: HERE_COLOUR, [THERE]: THERE_COLOUR, [BOTH]: BOTH_COLOUR };

/** Another version over the one that is edited: its outlines dashed, or what only one of them holds. */
export class ComparisonLayer implements PaneLayer {
  readonly replaces: 'lesions' | 'fill';
  private readonly slices = new PerSlice<ReadonlyMap<number, Path2D>>();
  private revision = 0;

  constructor(
    private readonly here: Uint16Array,
    private readonly there: Uint16Array,
    private readonly view: ComparisonView,
  ) {
    this.replaces = view === 'difference' ? 'lesions' : 'fill';
  }

  /** The edited map has changed. */
  changed(): void {
    this.revision += 1;
  }

  paint(context: CanvasRenderingContext2D, view: PlaneView, slice: number): void {
    const frame = planeFrame(view);
    const paths = this.slices.get(view, slice, this.revision, () => this.make(view, slice));
    context.save();
    if (this.view === 'difference') {
      for (const [kind, path] of paths) {
        const colour = AGREEMENT_COLOURS[kind] as string;
        context.globalAlpha = kind === BOTH ? 0.3 : 0.5;
        fillIn(context, path, frame, colour);
        context.globalAlpha = 1;
        strokeIn(context, path, frame, colour, kind === BOTH ? 1 : 1.75);
      }
    } else {
      // The solid outline of the edited version shows between the dashes where both run together.
      context.setLineDash([4, 6]);
      for (const path of paths.values()) strokeIn(context, path, frame, THERE_COLOUR, 2);
    }
    context.restore();
  }

  private make(view: PlaneView, slice: number): ReadonlyMap<number, Path2D> {
    const { grid, axes } = view;
    const { here, there } = this;
    const at = this.view === 'difference' ? (flat: number) => agreementOf(here[flat]!, there[flat]!) : (flat: number) => there[flat]!;
    return outlines(sliceLabels(grid, axes, slice, at), grid.shape[axes.right.axis], grid.shape[axes.down.axis]);
  }
}

/** Shares 0..255 as colour that grows from nothing: dark violet over magenta to pale yellow. */
export class ShareLayer implements PaneLayer {
  readonly replaces = 'fill';
  private readonly slices = new PerSlice<OffscreenCanvas | null>();

  constructor(private readonly shares: Uint8Array) {}

  paint(context: CanvasRenderingContext2D, view: PlaneView, slice: number): void {
    const picture = this.slices.get(view, slice, 0, () => this.make(view, slice));
    if (picture !== null) drawIn(context, picture, planeFrame(view));
  }

  private make(view: PlaneView, slice: number): OffscreenCanvas | null {
    const { start, right, down, width, height } = planeStrides(view.grid, view.axes, slice);
    const pixels = new ImageData(width, height);
    let any = false;
    for (let row = 0, to = 0; row < height; row++) {
      for (let column = 0, flat = start + row * down; column < width; column++, flat += right, to += 4) {
        const share = this.shares[flat]!;
        if (share === 0) continue;
        any = true;
        pixels.data.set(shareColour(share / 255), to);
      }
    }
    if (!any) return null;
    const canvas = new OffscreenCanvas(width, height);
    canvas.getContext('2d')?.putImageData(pixels, 0, 0);
    return canvas;
  }
}

const SHARE_STOPS: readonly Rgba[] = [
  [59, 15, 112, 90],
  [140, 41, 129, 150],
  [222, 73, 104, 190],
  [254, 159, 109, 215],
  [252, 253, 191, 235],
];

/** Colour and opacity of a share 0..1: lightness and opacity both rise, so that it reads without hue. */
export function shareColour(share: number): Rgba {
  const place = Math.min(1, Math.max(0, share)) * (SHARE_STOPS.length - 1);
  const low = Math.min(SHARE_STOPS.length - 2, Math.floor(place));
  const [a, b] = [SHARE_STOPS[low]!, SHARE_STOPS[low + 1]!];
  const mix = (n: 0 | 1 | 2 | 3): number => Math.round(a[n] + (b[n] - a[n]) * (place - low));
  return [mix(0), mix(1), mix(2), mix(3)];
}

function fillIn(context: CanvasRenderingContext2D, path: Path2D, frame: Frame, colour: string): void {
  const placed = new Path2D();
  placed.addPath(path, new DOMMatrix([frame.scaleX, 0, 0, frame.scaleY, frame.x, frame.y]));
  context.fillStyle = colour;
  context.fill(placed, 'evenodd');
}
