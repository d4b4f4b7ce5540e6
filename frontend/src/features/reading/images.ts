/** The images of a read: fetched once, in the order the eye needs them (MIP, PET, CT). */

import { api, fetchBytes, fetchOk, unwrap } from '../../api/client';
import { labelsUrl } from '../../api/endpoints/versions';
import { mipUrl, voxelsUrl } from '../../api/endpoints/volumes';
import type { Version, Volume } from '../../api/types';
import { takeAhead } from './ahead';
import { Grid } from '../../viewer/grid';
import { MipGeometry, type MipFrames } from '../../viewer/mip';
import { RegionGrower } from '../../viewer/regionGrowing';
import { asStored, type Progress, readBody, toFloat32, toHounsfield } from '../../viewer/volumeData';

export interface PetImage {
  readonly volume: Volume;
  readonly grid: Grid;
  /** In SUV where it is valid, else in the series' own unit. */
  readonly values: Float32Array;
  readonly hasSuv: boolean;
  readonly grower: RegionGrower;
  readonly mip: MipGeometry;
}

export interface CtImage {
  readonly volume: Volume;
  readonly grid: Grid;
  readonly values: Int16Array | Float32Array;
}

/** Progress is told at most once a frame's worth of time. */
function gently(progress: Progress): Progress {
  let last = 0;
  return (share) => {
    const now = performance.now();
    if (share < 1 && now - last < 80) return;
    last = now;
    progress(share);
  };
}

export const fetchVolume = (id: string): Promise<Volume> =>
  unwrap(api.GET('/api/volumes/{volume_id}/', { params: { path: { volume_id: id } } }));

export const fetchVersion = (id: string): Promise<Version> =>
  unwrap(api.GET('/api/versions/{version_id}/', { params: { path: { version_id: id } } }));

export const livingLesions = (version: Version): Set<number> =>
  new Set(version.lesions.filter((lesion) => lesion.status !== 'deleted').map((lesion) => lesion.label));

async function fetchStored(volume: Volume, progress: Progress, signal: AbortSignal) {
  const ahead = takeAhead(voxelsUrl(volume.id));
  if (ahead !== null) return asStored(ahead, volume.dtype);
  const response = await fetchOk(voxelsUrl(volume.id), signal);
  if (response.body === null) throw new Error('The server sent no voxels.');
  const buffer = await readBody(response.body, volume.voxels_bytes, gently(progress));
  return asStored(buffer, volume.dtype);
}

export const hasValidSuv = (volume: Volume): boolean =>
  volume.suv?.valid === true && volume.suv_slopes_f32 !== null && volume.suv_intercepts_f32 !== null;

export async function fetchPet(volume: Volume, progress: Progress, signal: AbortSignal): Promise<PetImage> {
  const grid = new Grid(volume.grid);
  const stored = await fetchStored(volume, progress, signal);
  const hasSuv = hasValidSuv(volume);
  const factors = {
    slopes: (hasSuv ? volume.suv_slopes_f32 : null) ?? volume.slopes_f32,
    intercepts: (hasSuv ? volume.suv_intercepts_f32 : null) ?? volume.intercepts_f32,
  };
  const values = await toFloat32(stored, grid.nx * grid.ny, factors);
  return { volume, grid, values, hasSuv, grower: new RegionGrower(values, grid), mip: new MipGeometry(grid) };
}

export async function fetchCt(volume: Volume, progress: Progress, signal: AbortSignal): Promise<CtImage> {
  const grid = new Grid(volume.grid);
  const stored = await fetchStored(volume, progress, signal);
  const factors = { slopes: volume.slopes_f32, intercepts: volume.intercepts_f32 };
  return { volume, grid, values: await toHounsfield(stored, grid.nx * grid.ny, factors) };
}

export async function fetchMip(volume: Volume, signal: AbortSignal): Promise<MipFrames | null> {
  const header = volume.mip;
  if (header === null) return null;
  const frames = new Uint8Array(takeAhead(mipUrl(volume.id)) ?? (await fetchBytes(mipUrl(volume.id), signal)));
  const { angles_deg: anglesDeg, rows, columns } = header;
  if (frames.length !== anglesDeg.length * rows * columns) throw new Error('The MIP does not have the announced size.');
  return { frames, anglesDeg, rows, columns, scaleMax: header.scale_max };
}

export async function fetchLabels(version: string, grid: Grid, signal: AbortSignal): Promise<Uint16Array> {
  const labels = new Uint16Array(await fetchBytes(labelsUrl(version), signal));
  if (labels.length !== grid.voxelCount) throw new Error('The label map does not have the voxels of the PET.');
  return labels;
}
