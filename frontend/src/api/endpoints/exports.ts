export const EXPORT_FORMATS = ['seg', 'rtstruct', 'nifti'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** Download of one version in a clinical format. */
export const exportVersionUrl = (version: string, format: ExportFormat): string =>
  `/api/versions/${version}/export/?format=${format}`;
