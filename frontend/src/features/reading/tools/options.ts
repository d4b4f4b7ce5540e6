/** The settings of the tools: they stay while the room is open, and go from tool to tool. */

export type SeedRule = 'percent' | 'fixed' | 'roi' | 'background' | 'gradient' | 'flab';
export type VoiShape = 'box' | 'sphere' | 'planes';
export type VoiMethod = 'flab' | 'fixed' | 'percent';
export type Reshape = 'margin' | 'smooth' | 'fill';
export type Boundary = 'whole' | 'watershed' | 'drawn';

export interface ToolOptions {
  readonly brushRadiusMm: number;
  /** Strokes go through the slices, too. */
  readonly brush3d: boolean;
  readonly gate: 'off' | 'fixed' | 'percent';
  readonly gateSuv: number;
  readonly gatePercent: number;
  readonly sphereRadiusMm: number;
  /** A sphere starts a lesion of its own even where it touches the selected one. */
  readonly sphereNew: boolean;
  readonly seedRule: SeedRule;
  readonly percent: number;
  readonly fixedSuv: number;
  /** Share of the way from background to maximum, percent. */
  readonly backgroundPercent: number;
  readonly stopRadiusMm: number;
  /** Of the sphere that gradient and FLAB look at. */
  readonly localRadiusMm: number;
  readonly voiShape: VoiShape;
  readonly voiSubtract: boolean;
  readonly voiMethod: VoiMethod;
  readonly flabClasses: 2 | 3;
  /** Initial means and standard deviations, SUV; null: K-means. */
  readonly flabMeans: readonly number[] | null;
  readonly flabSds: readonly number[] | null;
  readonly flabStochastic: boolean;
  readonly flabSeed: number;
  readonly splitPercent: number;
  readonly cutDepthMm: number | null;
  readonly reshape: Reshape;
  /** Above 0 grows, below 0 shrinks. */
  readonly marginMm: number;
  readonly smoothMm: number;
  readonly boundary: Boundary;
  readonly physiologicalClass: string;
}

export const INITIAL_OPTIONS: ToolOptions = {
  brushRadiusMm: 6,
  brush3d: false,
  gate: 'off',
  gateSuv: 4,
  gatePercent: 41,
  sphereRadiusMm: 10,
  sphereNew: false,
  seedRule: 'percent',
  percent: 41,
  fixedSuv: 4,
  backgroundPercent: 50,
  stopRadiusMm: 60,
  localRadiusMm: 30,
  voiShape: 'box',
  voiSubtract: false,
  voiMethod: 'flab',
  flabClasses: 2,
  flabMeans: null,
  flabSds: null,
  flabStochastic: false,
  flabSeed: 1,
  splitPercent: 20,
  cutDepthMm: null,
  reshape: 'margin',
  // A voxel of most PET images: less would change nothing.
  marginMm: 4,
  smoothMm: 3,
  boundary: 'whole',
  physiologicalClass: 'kidney',
};

export const BRUSH_MM = { smallest: 1, largest: 40, step: 1 } as const;
export const SPHERE_MM = { smallest: 2, largest: 100 } as const;

export const between = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

/** Without the dust of binary fractions. */
export const tidy = (value: number, digits = 1): number => Number(value.toFixed(digits));

/** One press of [ or ], or one notch: small steps while it is small. */
export function resized(radiusMm: number, steps: number, { smallest, largest }: { smallest: number; largest: number }): number {
  return between(tidy(radiusMm + steps * (radiusMm < 6 ? 0.5 : 1)), smallest, largest);
}
