import { describe, expect, it } from 'vitest';

import { planeAxes } from '../../../viewer/orientation';
import { patchFrom } from '../../../viewer/patch';
import { smallGrid } from '../../../viewer/testing/cases';
import { componentsOf, nudged } from './guide';
import { earlyWarnings, formulaOf, measureSphere, recalled, withRecord } from './roi';

const record = (organ: 'liver' | 'spleen', threshold_suv: number) => ({
  organ,
  centre_xyz_mm: [0, 0, 0],
  diameter_mm: 30,
  voxel_count: 9,
  volume_ml: 1,
  suv_mean: 5,
  suv_sd: 1,
  suv_max: 7,
  sd_estimator: 'sample',
  coefficient_of_variation: 0.2,
  limit_coefficient_of_variation: 0.25,
  threshold_suv,
  formula: '',
  warnings: [],
});

describe('the reference sphere', () => {
  // 11 voxels of 2 mm along each axis: a 4 mm sphere round a voxel holds it and its six neighbours.
  const grid = smallGrid([11, 11, 11], [2, 2, 2]);
  const centre = grid.indexToWorld([5, 5, 5]);
  const suv = new Float32Array(grid.voxelCount).fill(100);
  [2, 3, 4, 5, 6, 7, 8].forEach((value, n) => {
    const step = [[0, 0, 0], [1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]][n] as number[];
    suv[grid.flat(5 + (step[0] as number), 5 + (step[1] as number), 5 + (step[2] as number))] = value;
  });

  it('holds the voxels whose centres lie within it, with the sample SD', () => {
    const values = measureSphere(grid, suv, centre, 'liver', 4);
    // 2..8: mean 5, sum of squares 28, SD = sqrt(28 / 6).
    const sd = Math.sqrt(28 / 6);
    expect(values).toMatchObject({ voxelCount: 7, mean: 5, max: 8, cutByBorder: false });
    expect(values?.sd).toBeCloseTo(sd, 12);
    expect(values?.variation).toBeCloseTo(sd / 5, 12);
    expect(values?.thresholdSuv).toBeCloseTo(1.5 * 5 + 2 * sd, 12);
    expect(measureSphere(grid, suv, centre, 'spleen', 4)?.thresholdSuv).toBeCloseTo(0.67 * 5 + 2 * sd, 12);
  });

  it('warns in words of what is not homogeneous and of what the border cuts', () => {
    const values = measureSphere(grid, suv, centre, 'liver', 4);
    expect(values && earlyWarnings(values)).toEqual([expect.stringContaining('Not homogeneous: SD is 43\u00a0%')]);
    const even = measureSphere(grid, suv.map(() => 5), grid.indexToWorld([1, 5, 5]), 'liver', 8);
    expect(even && earlyWarnings(even)).toEqual([expect.stringContaining('border')]);
  });

  it('is nothing outside the image', () => {
    expect(measureSphere(grid, suv, [500, 500, 500], 'liver')).toBeNull();
  });

  it('moves by a voxel the way the screen runs', () => {
    const axial = planeAxes(grid, 'axial');
    expect(nudged(grid, [3, 4, 5], axial.right, 1)).toEqual([5, 4, 5]);
    expect(nudged(grid, [3, 4, 5], planeAxes(grid, 'coronal').down, 1)).toEqual([3, 4, 3]);
  });
});

describe('the formula', () => {
  it('stands with its numbers', () => {
    expect(formulaOf('liver', 5.204, 0.61, 9.026)).toBe('1.5 × 5.20 + 2 × 0.61 = SUV 9.03');
    expect(formulaOf('spleen', 10, 1, 8.7)).toBe('0.67 × 10.00 + 2 × 1.00 = SUV 8.70');
  });
});

describe('what edits have left', () => {
  it('keeps the newest sphere of each organ, newest first', () => {
    const edits = [
      { tool: 'whole_body', parameters: { rois: [record('liver', 8)] } },
      { tool: 'add_seed', parameters: { rois: [record('spleen', 7)] } },
      { tool: 'whole_body', parameters: { rois: [record('liver', 9), 'not a record'] } },
    ];
    expect(recalled(edits).records.map((one) => [one.organ, one.threshold_suv])).toEqual([
      ['liver', 9],
      ['spleen', 7],
    ]);
    expect(withRecord([record('liver', 8)], record('liver', 9))).toHaveLength(1);
  });

  it('knows whether "not evaluable" still stands', () => {
    const said = { tool: 'not_evaluable', parameters: { reason: 'image_quality' } };
    const undone = { tool: 'undo', parameters: { undone: 'not_evaluable' } };
    const redone = { tool: 'redo', parameters: { redone: 'not_evaluable' } };
    const segmented = { tool: 'whole_body', parameters: {} };
    expect(recalled([]).notEvaluable).toBeNull();
    expect(recalled([said]).notEvaluable).toBe('image_quality');
    expect(recalled([said, undone]).notEvaluable).toBeNull();
    expect(recalled([said, undone, redone]).notEvaluable).toBe('image_quality');
    expect(recalled([said, segmented]).notEvaluable).toBeNull();
  });
});

describe('the preview', () => {
  it('lists the new lesions, largest first', () => {
    const grid = smallGrid();
    const labels = new Uint16Array(grid.voxelCount);
    const patch = patchFrom(labels, [3, 10, 11, 12], (index) => (index < 5 ? 1 : 2));
    expect(componentsOf(patch, grid).map((one) => [one.label, [...one.voxels], one.volumeMl])).toEqual([
      [2, [10, 11, 12], 3 * grid.voxelVolumeMl],
      [1, [3], grid.voxelVolumeMl],
    ]);
  });
});
