/** Outlines of what Enter would do, as they are seen on the turning MIP. */

import { cssColour } from '../../../viewer/colours';
import { ProjectedOutlines } from '../compare/mipLayers';
import type { MipLayer, MipPane, Placement } from '../mipPane';
import { ERASED } from './painting';
import type { Region } from './tool';

export class PreviewOutlines implements MipLayer {
  private shown: readonly Region[] = [];
  private outlines: readonly ProjectedOutlines[] = [];

  constructor(private readonly regions: () => readonly Region[]) {}

  paint(context: CanvasRenderingContext2D, pane: MipPane, place: Placement): void {
    const regions = this.regions();
    // A preview is replaced, never changed: the same list is the same picture.
    if (regions !== this.shown) {
      this.shown = regions;
      this.outlines = regions.map(({ voxels, label, erases }) => new ProjectedOutlines([[label, Int32Array.from(voxels)]], erases ? ERASED : cssColour(label)));
    }
    for (const outline of this.outlines) outline.paint(context, pane, place);
  }
}
