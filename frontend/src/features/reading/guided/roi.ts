/**
 * The reference sphere as the browser sees it while it moves: provisional numbers, the same rule as
 * annotations/imaging/thresholds.py. Once it is placed the server measures it, and its numbers are the record.
 */

import { formatNumber } from '../../../ui/format';
import type { Grid, Vec3 } from '../../../viewer/grid';
import { forEachInSphere } from '../../../viewer/spheres';
import type { RoiRecord } from '../state';
import { GUIDE_TEXT } from './text';

export type Organ = 'liver' | 'spleen';

/** 3 cm: PERCIST's sphere. */
export const DIAMETER_MM = 30;
/** SD / mean above which a reference sphere is not homogeneous; the server says its own with the record. */
export const VARIATION_LIMIT = 0.25;
const MEAN_FACTOR: Readonly<Record<RoiRecord['organ'], number>> = { liver: 1.5, spleen: 0.67, blood_pool: 2 };
const SD_FACTOR = 2;

export interface RoiValues {
  readonly voxelCount: number;
  readonly volumeMl: number;
  readonly mean: number;
  /** Sample SD, n - 1. */
  readonly sd: number;
  readonly max: number;
  /** SD / mean; null for a mean of zero or less. */
  readonly variation: number | null;
  readonly thresholdSuv: number;
  readonly cutByBorder: boolean;
}

/** Voxels whose centres lie within the sphere, cut at the border; null for fewer than two. */
export function measureSphere(grid: Grid, suv: Float32Array, centreMm: Vec3, organ: RoiRecord['organ'], diameterMm = DIAMETER_MM): RoiValues | null {
  const radius = diameterMm / 2;
  const centre = grid.worldToIndex(centreMm);
  const values: number[] = [];
  forEachInSphere(grid, centre, radius, (flat) => values.push(suv[flat]!));
  if (values.length < 2) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const sd = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
  return {
    voxelCount: values.length,
    volumeMl: values.length * grid.voxelVolumeMl,
    mean,
    sd,
    max: Math.max(...values),
    variation: mean > 0 ? sd / mean : null,
    thresholdSuv: MEAN_FACTOR[organ] * mean + SD_FACTOR * sd,
    cutByBorder: isCut(grid, centre, radius),
  };
}

function isCut(grid: Grid, centre: Vec3, radiusMm: number): boolean {
  return ([0, 1, 2] as const).some((axis) => {
    const reach = radiusMm / grid.spacing[axis];
    return centre[axis] - reach < 0 || centre[axis] + reach > grid.shape[axis] - 1;
  });
}

/** "1.5 × 5.20 + 2 × 0.61 = SUV 9.02": the two decimals that are shown need not add up, the threshold is exact. */
export function formulaOf(organ: RoiRecord['organ'], mean: number, sd: number, thresholdSuv: number): string {
  const factor = formatNumber(MEAN_FACTOR[organ], organ === 'spleen' ? 2 : 1);
  return `${factor} × ${formatNumber(mean, 2)} + ${SD_FACTOR} × ${formatNumber(sd, 2)} = SUV ${formatNumber(thresholdSuv, 2)}`;
}

/** What can be said of the sphere before the server has looked. */
export function earlyWarnings(values: RoiValues): string[] {
  const warnings: string[] = [];
  if (values.variation === null || values.variation > VARIATION_LIMIT) warnings.push(GUIDE_TEXT.notHomogeneous(formatVariation(values.variation), formatVariation(VARIATION_LIMIT)));
  if (values.cutByBorder) warnings.push(GUIDE_TEXT.cutByBorder);
  return warnings;
}

export const formatVariation = (variation: number | null): string => (variation === null ? '–' : `${formatNumber(variation * 100, 0)}\u00a0%`);

/** The newest of each organ, newest first. */
export function withRecord(records: readonly RoiRecord[], record: RoiRecord): RoiRecord[] {
  return [record, ...records.filter((one) => one.organ !== record.organ)];
}

/** The records in an edit's parameters; what is not one is passed over. */
export function recordsIn(parameters: Readonly<Record<string, unknown>>): RoiRecord[] {
  const given = parameters['rois'];
  return Array.isArray(given) ? given.filter(isRecord) : [];
}

function isRecord(value: unknown): value is RoiRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { organ, threshold_suv: threshold, centre_xyz_mm: centre } = value as Partial<RoiRecord>;
  return typeof organ === 'string' && organ in MEAN_FACTOR && typeof threshold === 'number' && Array.isArray(centre);
}

interface Said {
  readonly tool: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** What the edits of a read, oldest first, have left: the newest sphere of each organ, and the statement. */
export function recalled(edits: readonly Said[]): { records: RoiRecord[]; notEvaluable: string | null } {
  let records: RoiRecord[] = [];
  let said: string | null = null;
  let stands = false;
  for (const { tool, parameters } of edits) {
    for (const record of [...recordsIn(parameters)].reverse()) records = withRecord(records, record);
    if (tool === NOT_EVALUABLE) {
      said = typeof parameters['reason'] === 'string' ? parameters['reason'] : '';
      stands = true;
    } else if (tool === 'undo' && parameters['undone'] === NOT_EVALUABLE) stands = false;
    else if (tool === 'redo' && parameters['redone'] === NOT_EVALUABLE) stands = true;
    else if (tool === WHOLE_BODY) stands = false;
  }
  return { records, notEvaluable: stands ? said : null };
}

/** Tools of this path, as edits are saved under them. */
export const WHOLE_BODY = 'whole_body';
export const NOT_EVALUABLE = 'not_evaluable';
