/** A volume of ours as one of Cornerstone3D's: the same memory, no copy. */

import { cache, type Types, utilities, volumeLoader } from '@cornerstonejs/core';

import type { Grid, Vec3 } from '../grid';

export interface ImageVolume {
  readonly id: string;
  readonly grid: Grid;
  readonly frameOfReference: string;
  readonly modality: 'PT' | 'CT';
  readonly data: Float32Array | Int16Array;
}

const mutable = ([x, y, z]: Vec3): Types.Point3 => [x, y, z];

export function addVolume({ id, grid, frameOfReference, modality, data }: ImageVolume): void {
  const rowsAndColumns = [...grid.axes[0], ...grid.axes[1]];
  const metadata: Types.Metadata = {
    BitsAllocated: data instanceof Int16Array ? 16 : 32,
    BitsStored: data instanceof Int16Array ? 16 : 32,
    HighBit: data instanceof Int16Array ? 15 : 31,
    PixelRepresentation: 1,
    SamplesPerPixel: 1,
    Modality: modality,
    SeriesInstanceUID: id,
    FrameOfReferenceUID: frameOfReference,
    PhotometricInterpretation: 'MONOCHROME2',
    ImageOrientationPatient: rowsAndColumns,
    PixelSpacing: [grid.spacing[1], grid.spacing[0]],
    Columns: grid.nx,
    Rows: grid.ny,
    voiLut: [],
    VOILUTFunction: 'LINEAR',
  };
  const volume = volumeLoader.createLocalVolume(id, {
    metadata,
    dimensions: mutable(grid.shape),
    spacing: mutable(grid.spacing),
    origin: mutable(grid.origin),
    // vtk wants the axes one after the other; ours are the columns of a row-major matrix.
    direction: [...grid.axes[0], ...grid.axes[1], ...grid.axes[2]],
    scalarData: data as Types.PixelDataTypedArray,
  });
  // createLocalVolume gives every slice the volume's own origin; each has its own plane.
  volume.imageIds.forEach((imageId, z) => {
    utilities.genericMetadataProvider.add(imageId, {
      type: 'imagePlaneModule',
      metadata: planeOf(grid, frameOfReference, rowsAndColumns, z),
    });
  });
}

export function removeVolume(id: string): void {
  if (cache.getVolume(id)) cache.removeVolumeLoadObject(id);
}

function planeOf(grid: Grid, frameOfReferenceUID: string, orientation: number[], z: number): object {
  return {
    frameOfReferenceUID,
    rows: grid.ny,
    columns: grid.nx,
    imageOrientationPatient: orientation,
    rowCosines: [...grid.axes[0]],
    columnCosines: [...grid.axes[1]],
    imagePositionPatient: [...grid.indexToWorld([0, 0, z])],
    pixelSpacing: [grid.spacing[1], grid.spacing[0]],
    rowPixelSpacing: grid.spacing[1],
    columnPixelSpacing: grid.spacing[0],
    sliceThickness: grid.spacing[2],
  };
}
