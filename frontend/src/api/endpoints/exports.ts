import type { operations } from '../schema.gen';

export type ExportFormat = operations['export_version']['parameters']['query']['format'];

export const EXPORT_FORMATS: readonly ExportFormat[] = ['seg', 'rtstruct', 'nifti'];

/** Download of one version in a clinical format. */
export const exportVersionUrl = (version: string, format: ExportFormat): string =>
  `/api/versions/${version}/export/?format=${format}`;
