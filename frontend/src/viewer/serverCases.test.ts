import { describe, expect, it } from 'vitest';

import { LabelStore } from './labelStore';
import { measureVoxels } from './measures';
import { MipGeometry } from './mip';
import { decodePatch, encodePatch, invertPatch } from './patch';
import { climbToMaximum, RegionGrower } from './regionGrowing';
import { bytesOf, loadCases, sha256, vec } from './testing/cases';

const cases = await loadCases();

describe.each(cases)('the browser computes what the server computes ($name)', ({ json, grid, suv, labels }) => {
  it('turns stored integers into the same float32', () => {
    expect(sha256(suv)).toBe(json.suv_sha256);
  });

  it('climbs to the same maximum and grows the same region', () => {
    const grower = new RegionGrower(suv, grid);
    for (const seed of json.seeds) {
      const top = climbToMaximum(suv, grid, vec(seed.seed_xyz));
      expect([top.index, top.suv, top.steps]).toEqual([seed.maximum_xyz, seed.maximum_suv, seed.steps]);
      const threshold = (top.suv * seed.percent) / 100;
      expect(threshold).toBe(seed.threshold_suv);
      const { voxels } = grower.grow(top.index, threshold, {
        stopRadiusMm: seed.stop_radius_mm,
        blocked: seed.blocked ? labels : null,
      });
      expect(voxels.length).toBe(seed.voxel_count);
      expect(sha256(voxels)).toBe(seed.voxels_sha256);
    }
  });

  it('measures the same lesions', () => {
    const store = new LabelStore(grid, labels.slice());
    expect(store.present).toEqual(json.measures.map((one) => one.label));
    for (const wanted of json.measures) {
      const got = measureVoxels(grid, suv, store.voxels(wanted.label));
      expect(got.voxelCount).toBe(wanted.voxel_count);
      expect(got.maxIndex).toEqual(wanted.max_index_xyz);
      expect(got.suvMax).toBe(wanted.suv_max);
      expect(got.volumeMl).toBeCloseTo(wanted.volume_ml, 9);
      expect(got.suvMean).toBeCloseTo(wanted.suv_mean, 9);
      expect(got.suvSd).toBeCloseTo(wanted.suv_sd, 9);
      expect(got.suvPeak).toBeCloseTo(wanted.suv_peak_local, 9);
      expect(got.suvPeakGlobal).toBeCloseTo(wanted.suv_peak_global, 9);
      expect(got.tlg).toBeCloseTo(wanted.tlg, 8);
      got.centroidMm.forEach((mm, axis) => expect(mm).toBeCloseTo(wanted.centroid_xyz_mm[axis] as number, 6));
      got.maxMm?.forEach((mm, axis) => expect(mm).toBeCloseTo(wanted.max_xyz_mm[axis] as number, 6));
    }
  });

  it('finds the same voxel behind a MIP pixel and the same pixel of a voxel', () => {
    const geometry = new MipGeometry(grid);
    for (const { angle_deg: angle, rows, columns, rays, places } of json.mip) {
      expect([geometry.rows, geometry.columns]).toEqual([rows, columns]);
      for (const ray of rays) expect(geometry.hottestAlongRay(suv, angle, ray.row, ray.column)).toEqual(ray.xyz);
      for (const place of places) {
        const got = geometry.locate(vec(place.xyz), angle);
        expect([got.row, got.column]).toEqual([place.row, place.column]);
        expect(got.depthMm).toBeCloseTo(place.depth_mm, 9);
      }
    }
  });

  it('projects the same labels', () => {
    const geometry = new MipGeometry(grid);
    const store = new LabelStore(grid, labels.slice());
    const lesions = store.present.map((label) => [label, store.voxels(label)] as const);
    for (const { angle_deg: angle, labels: wanted } of json.mip) {
      expect(sha256(geometry.projectLabels(lesions, angle))).toBe(sha256(new Uint16Array(bytesOf(wanted))));
    }
  });

  it('applies a patch of the server and gives the same bytes back', () => {
    const patch = decodePatch(json.patch.base64);
    const store = new LabelStore(grid, labels.slice());
    store.apply(patch, 'test');
    expect(store.voxels(1).length).toBe(0);
    expect(store.voxels(77).length).toBe(3 * 3 * 5);
    expect(encodePatch(patch)).toBe(json.patch.base64);
    store.undo();
    expect(sha256(store.labels)).toBe(sha256(labels));
    expect(invertPatch(invertPatch(patch))).toEqual(patch);
  });
});
