/** The panes of the reading room. The MIP is drawn by us; the four planes by Cornerstone3D. */

import type { Plane } from './orientation';

export type PaneId = 'axialFused' | 'coronalPet' | 'axialPet' | 'sagittalFused';

export interface PaneSpec {
  readonly id: PaneId;
  readonly plane: Plane;
  readonly content: 'pet' | 'fused';
}

export const PANES: readonly PaneSpec[] = [
  { id: 'axialFused', plane: 'axial', content: 'fused' },
  { id: 'coronalPet', plane: 'coronal', content: 'pet' },
  { id: 'axialPet', plane: 'axial', content: 'pet' },
  { id: 'sagittalFused', plane: 'sagittal', content: 'fused' },
];

export interface Window {
  readonly lower: number;
  readonly upper: number;
}

/** How the images are shown; the same in every pane. */
export interface Display {
  readonly petWindow: Window;
  readonly ctWindow: Window;
  /** Share of PET over CT, 0..1. */
  readonly fusion: number;
  readonly ctAlone: boolean;
}
