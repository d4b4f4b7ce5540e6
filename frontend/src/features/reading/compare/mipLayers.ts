/** Layers over the MIP: a sphere, lesions that are not edits, another version. */

import { lesionColour } from '../../../viewer/colours';
import type { Vec3 } from '../../../viewer/grid';
import { outlines } from '../../../viewer/render/labelSlice';
import type { MipLayer, MipPane, Placement } from '../mipPane';

type Rgb = readonly [number, number, number];
export type Lists = readonly (readonly [number, Int32Array])[];
const HALO = 'rgb(0 0 0 / 0.55)';

/** Canvas pixels a column and a row of the MIP take. */
function scaleOf({ geometry }: MipPane, place: Placement): { x: number; y: number } {
  return { x: place.width / geometry.columns, y: place.height / geometry.rows };
}

/** A sphere seen from the front of the turning picture. */
export class MipCircle implements MipLayer {
  constructor(
    /** Fractional voxel index. */
    private readonly centre: Vec3,
    private readonly radiusMm: number,
    private readonly colour: string,
  ) {}

  paint(context: CanvasRenderingContext2D, pane: MipPane, place: Placement): void {
    const [i, j, k] = this.centre;
    const [x, y] = pane.pointOf([Math.round(i), Math.round(j), Math.round(k)]);
    const radius = (this.radiusMm / pane.geometry.pixelMm) * scaleOf(pane, place).x;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.strokeStyle = HALO;
    context.lineWidth = 3.5;
    context.stroke();
    context.strokeStyle = this.colour;
    context.lineWidth = 1.75;
    context.stroke();
  }
}

/** Voxel lists projected, in colours of their own; made again when the picture turns or `changed` is called. */
export class ProjectedLayer implements MipLayer {
  private key = '';
  private revision = 0;
  private picture: OffscreenCanvas | null = null;

  constructor(
    private readonly lists: () => Lists,
    private readonly colourOf: (label: number) => Rgb = lesionColour,
    readonly replacesLesions = false,
    private readonly alpha = 200,
  ) {}

  changed(): void {
    this.revision += 1;
  }

  paint(context: CanvasRenderingContext2D, pane: MipPane, place: Placement): void {
    const key = `${pane.angleDeg}/${this.revision}`;
    if (key !== this.key) this.picture = this.draw(pane);
    this.key = key;
    if (this.picture !== null) context.drawImage(this.picture, place.x, place.y, place.width, place.height);
  }

  private draw({ geometry, angleDeg }: MipPane): OffscreenCanvas {
    const { rows, columns } = geometry;
    const image = new ImageData(columns, rows);
    // Later lists lie over earlier ones, whatever their depth: what differs is never hidden by what agrees.
    for (const list of this.lists()) {
      const [r, g, b] = this.colourOf(list[0]);
      geometry.projectLabels([list], angleDeg).forEach((label, i) => {
        if (label !== 0) image.data.set([r, g, b, this.alpha], ((rows - 1 - Math.floor(i / columns)) * columns + (i % columns)) * 4);
      });
    }
    const canvas = new OffscreenCanvas(columns, rows);
    canvas.getContext('2d')?.putImageData(image, 0, 0);
    return canvas;
  }
}

/** Outlines of another version's lesions as they are seen, dashed. */
export class ProjectedOutlines implements MipLayer {
  private key = -1;
  private paths: ReadonlyMap<number, Path2D> = new Map();

  constructor(
    private readonly lists: Lists,
    private readonly colour: string,
  ) {}

  paint(context: CanvasRenderingContext2D, pane: MipPane, place: Placement): void {
    const { geometry, angleDeg } = pane;
    if (angleDeg !== this.key) this.paths = outlines(geometry.projectLabels(this.lists, angleDeg), geometry.columns, geometry.rows);
    this.key = angleDeg;
    const { x, y } = scaleOf(pane, place);
    // Row 0 is at the feet: the picture is turned upside down.
    const matrix = new DOMMatrix([x, 0, 0, -y, place.x + x / 2, place.y + place.height - y / 2]);
    context.save();
    for (const path of this.paths.values()) {
      const placed = new Path2D();
      placed.addPath(path, matrix);
      context.setLineDash([4, 3]);
      context.strokeStyle = this.colour;
      context.lineWidth = 1.25;
      context.stroke(placed);
    }
    context.restore();
  }
}
