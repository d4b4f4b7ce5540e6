/** The report that the server computes: tables with typed columns, figures as Vega-Lite without a theme. */
export type Kind = 'text' | 'integer' | 'number' | 'percent' | 'p';
export type Cell = string | number | null;

export interface ReportColumn {
  name: string;
  title: string;
  unit: string;
  kind: Kind;
  /** Decimals to show; null: as many as the value needs. */
  digits: number | null;
}

export interface ReportTable {
  key: string;
  title: string;
  columns: readonly ReportColumn[];
  rows: readonly (readonly Cell[])[];
  notes: readonly string[];
  n: number;
  analysis_set: string;
  is_synthetic: boolean;
}

export interface ReportFigure {
  key: string;
  title: string;
  caption: string;
  n: number;
  is_synthetic: boolean;
  spec: Readonly<Record<string, unknown>>;
}

export interface ReportSection {
  key: string;
  title: string;
  intro: string;
  tables: readonly ReportTable[];
  figures: readonly ReportFigure[];
}

export interface Report {
  schema: number;
  name: string;
  plan_number: number;
  product_version: string;
  is_synthetic: boolean;
  is_interim: boolean;
  headlines: readonly { value: string; unit: string; label: string }[];
  sections: readonly ReportSection[];
  methods: string;
  references: readonly string[];
  settings: readonly { name: string; value: string; meaning: string }[];
  warnings: readonly string[];
}

export const SCHEMA = 1;

/** The JSON column is untyped in the API: a report of another make is refused, not half shown. */
export function readReport(json: unknown): Report | null {
  if (typeof json !== 'object' || json === null) return null;
  const found = json as Partial<Report>;
  const whole = found.schema === SCHEMA && Array.isArray(found.sections) && Array.isArray(found.headlines) && typeof found.methods === 'string';
  return whole ? (json as Report) : null;
}
