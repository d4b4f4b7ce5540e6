/** What draws the four planes. Two of a kind: Cornerstone3D, and plain 2D canvases where there is no WebGL 2. */

import type { Display, PaneId } from '../panes';
import type { PlaneView } from '../planeView';
import type { ImageVolume } from './volumes';

export type Elements = Readonly<Record<PaneId, HTMLDivElement>>;
export type Rendered = (pane: PaneId) => void;

export interface PlaneDrawer {
  /** PET in all panes; fused panes show it alone in colour until the CT is there. */
  showPet(volume: ImageVolume): Promise<void>;
  showCt(volume: ImageVolume): Promise<void>;
  setDisplay(display: Display): void;
  /** Moves a pane's camera; drawn at the next `render`. */
  setView(pane: PaneId, view: PlaneView, slice: number): void;
  render(panes: readonly PaneId[]): void;
  resize(): void;
  /** Where the drawer itself puts a place (CSS pixels of the pane): for tests of our own mapping. */
  worldToCanvas(pane: PaneId, world: readonly [number, number, number]): [number, number];
  destroy(): void;
}

/** Share of the PET over the CT at a value: nothing where it is cold, all of it from a quarter of the window on. */
export function fusionPoints({ petWindow: { lower, upper } }: Display, share: number): { value: number; opacity: number }[] {
  const span = upper - lower;
  return [
    { value: lower, opacity: 0 },
    { value: lower + span * 0.25, opacity: share },
    { value: upper, opacity: Math.min(1, share * 1.4) },
  ];
}

/** Black, red, orange, white: position, red, green, blue. */
export const HOT_IRON_POINTS = [0, 0, 0, 0, 0.5, 1, 0, 0, 0.75, 1, 0.5, 0, 1, 1, 1, 1];

export function hasWebGl2(): boolean {
  return document.createElement('canvas').getContext('webgl2') !== null;
}
