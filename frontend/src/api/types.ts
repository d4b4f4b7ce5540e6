/** The API's shapes under the product's own words. Every screen imports them from here. */

export type Role = 'reader' | 'coordinator' | 'data_manager' | 'administrator';

export interface SessionUser {
  id: number;
  username: string;
  name: string;
  roles: Role[];
}

export interface DemoAccount {
  username: string;
  password: string;
  role: Role;
}

export interface Session {
  user: SessionUser | null;
  csrf_token: string;
  demo: boolean;
  version: string;
  accounts: DemoAccount[];
}

export interface User {
  id: number;
  username: string;
  first_name: string;
  last_name: string;
  roles: Role[];
  is_active: boolean;
}

export interface NewUser {
  username: string;
  password: string;
  first_name?: string;
  last_name?: string;
  roles: Role[];
}

export interface UserChange {
  password?: string;
  first_name?: string;
  last_name?: string;
  roles?: Role[];
  is_active?: boolean;
}

export interface Project {
  id: string;
  name: string;
  pseudonym_prefix: string;
  is_synthetic: boolean;
  patient_count: number;
  study_count: number;
}

export interface StudySummary {
  id: string;
  pseudonym: string;
  project: { id: string; name: string };
  study_date: string | null;
  description: string;
  tracer: string;
  is_synthetic: boolean;
  modalities: string[];
  pet_volume: string | null;
  ct_volume: string | null;
  suv_valid: boolean;
  segmentation_count: number;
  created_at: string;
}

export interface VolumeSummary {
  id: string;
  modality: string;
  unit: string;
  grid: Grid;
  created_at: string;
}

export interface SeriesDetail {
  id: string;
  modality: string;
  description: string;
  volumes: VolumeSummary[];
}

export interface Study extends StudySummary {
  series: SeriesDetail[];
  segmentations: SegmentationSummary[];
  attributes: Record<string, unknown>;
}

export interface Grid {
  shape_zyx: number[];
  spacing_xyz_mm: number[];
  origin_xyz_mm: number[];
  direction: number[];
}

export interface NamedProblem {
  code: string;
  message: string;
}

export interface SuvRecord {
  revision: number;
  factor: number | null;
  valid: boolean;
  rule: string;
  warnings: NamedProblem[];
  refusal: NamedProblem | null;
  record: Record<string, unknown>;
}

export interface MipHeader {
  angles_deg: number[];
  rows: number;
  columns: number;
  pixel_spacing_mm: number[];
  scale_max: number;
  companding: string;
  unit: string;
}

export interface Volume {
  id: string;
  modality: string;
  unit: string;
  grid: Grid;
  grid_digest: string;
  dtype: 'int16' | 'uint16';
  slopes_f32: number[];
  intercepts_f32: number[];
  voxels_digest: string;
  voxels_bytes: number;
  frame_of_reference_uid: string;
  tracer: string;
  suv: SuvRecord | null;
  suv_slopes_f32: number[] | null;
  suv_intercepts_f32: number[] | null;
  mip: MipHeader | null;
  max_deviation_mm: number;
}

export type ProducerKind = 'model' | 'semi_automatic' | 'reader' | 'import' | 'reference';
export type LesionStatus = 'kept' | 'edited' | 'added' | 'deleted';

export interface Producer {
  kind: ProducerKind;
  name: string;
  fingerprint?: string;
  parameters?: Record<string, unknown>;
}

export interface Summary {
  ttv_ml: number | null;
  lowest_suv_mean: number | null;
  lowest_suv_mean_label: number | null;
  lowest_suv_mean_volume_ml: number | null;
  suv_max: number | null;
  tlg: number | null;
  lesion_count: number;
}

export interface SegmentationSummary {
  id: string;
  title: string;
  volume: string;
  is_synthetic: boolean;
  is_resampled: boolean;
  producer: Producer;
  version_count: number;
  head: string;
  head_summary: Summary | null;
  automatic_unverified: boolean;
  created_at: string;
}

export interface Lesion {
  label: number;
  status: LesionStatus;
  source: ProducerKind;
  name: string;
  site: string;
  physiological_class: string;
  comment: string;
  boundary_rule: string;
  voxel_count: number;
  volume_ml: number | null;
  suv_max: number | null;
  suv_mean: number | null;
  suv_sd: number | null;
  suv_peak: number | null;
  suv_peak_global: number | null;
  tlg: number | null;
  centroid_xyz_mm: number[] | null;
  max_xyz_mm: number[] | null;
}

export interface Version {
  id: string;
  segmentation: string;
  number: number;
  parent: string | null;
  tool: string;
  created_at: string;
  content_digest: string;
  version_digest: string;
  producer: Producer;
  lesions: Lesion[];
  summary: Summary;
}

export type ImportState = 'receiving' | 'queued' | 'running' | 'done' | 'failed' | 'cancelled';

export interface ImportRefusal {
  file: string;
  code: string;
  message: string;
}

export interface ImportedSeries {
  series_instance_uid: string;
  modality: string;
  shape_zyx: number[];
  spacing_xyz_mm: number[];
  unit: string;
  suv_factor: number | null;
  suv_max: number | null;
}

export interface ImportedStudy {
  study_instance_uid: string;
  series: ImportedSeries[];
  segmentations: { label: string; lesions: { name: string; volume_ml: number }[] }[];
}

export interface ImportRun {
  id: string;
  project: string;
  state: ImportState;
  stage: string;
  files_total: number;
  files_done: number;
  cancel_requested: boolean;
  report: { studies: ImportedStudy[]; refusals: ImportRefusal[] };
  error: NamedProblem | null;
  created_at: string;
  finished_at: string | null;
}

export interface AttributesResult {
  updated: number;
  refusals: ImportRefusal[];
}

export interface Release {
  id: string;
  name: string;
  method: string;
  fingerprint: string;
  is_synthetic: boolean;
  is_active: boolean;
  tracers: string[];
  model_card: string;
}

export type JobState = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

export interface Job {
  id: string;
  study: string;
  pseudonym: string;
  volume: string;
  release: { id: string; name: string };
  state: JobState;
  stage: string;
  progress: number;
  attempts: number;
  max_attempts: number;
  device: string;
  error_code: string;
  error_message: string;
  cancel_requested: boolean;
  version: string | null;
  segmentation: string | null;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  peak_memory_mb: number | null;
}

export interface NewJob {
  study: string;
  release: string;
  override_reason?: string;
}

export type WorklistState = 'waiting' | 'ready' | 'open' | 'final' | 'submitted';

export interface WorklistItem {
  assignment: string;
  case_number: number;
  case_count: number;
  pseudonym: string;
  reader_study: string;
  tracer: string;
  state: WorklistState;
  waiting_for: string | null;
  waiting_share: number | null;
  read: string | null;
  is_synthetic: boolean;
  opened_at: string | null;
  submitted_at: string | null;
}

export interface Score {
  row: number;
  confidence: number | null;
  comment: string;
}

export interface Derived {
  row: number;
  [name: string]: unknown;
}

export interface Read {
  id: string;
  state: 'open' | 'final' | 'submitted' | 'abandoned';
  case_number: number;
  case_count: number;
  pseudonym: string;
  tracer: string;
  reader_study: string;
  is_synthetic: boolean;
  pet_volume: string;
  ct_volume: string | null;
  suv_revision: string | null;
  start_version: string | null;
  head: Version;
  scored: boolean;
  score: Score | null;
  derived: Derived | null;
  tools: string[];
  window: { lower: number; upper: number };
  next_assignment: string | null;
  clinical: Record<string, unknown>;
  idle_prompt_s: number;
}

export interface LesionEdit {
  label: number;
  name?: string;
  site?: string;
  comment?: string;
  physiological_class?: string;
  boundary_rule?: string;
}

export interface Edit {
  id: string;
  parent: string;
  tool: string;
  parameters: Record<string, unknown>;
  grid_digest: string;
  patch: string;
  lesions: LesionEdit[];
}

export interface ReadEvent {
  id: string;
  page_load: string;
  sequence: number;
  kind: string;
  monotonic_ms: number;
  client_time: string;
  data: Record<string, unknown>;
}

export interface EventsStored {
  stored: number;
  known: number;
  late: number;
}

export interface ReaderStudySummary {
  id: string;
  name: string;
  project: { id: string; name: string };
  plan: PlanSummary;
  is_synthetic: boolean;
  counts: ReadCounts;
}

export interface PlanSummary {
  number: number;
  locked_at: string | null;
  digest: string;
  idle_threshold_s: number;
}

export type ReadCounts = Record<string, number>;

export interface ReaderStudyRead {
  read: string | null;
  reader: string;
  case_number: number;
  pseudonym: string;
  arm: string;
  state: string;
  row: number | null;
  derived_row: number | null;
  wall_s: number | null;
  active_s: number | null;
  actions: number | null;
  submitted_at: string | null;
}

export interface ReaderStudy extends ReaderStudySummary {
  cases: { id: string; number: number; pseudonym: string }[];
  readers: { id: number; username: string; name: string }[];
  reads: ReaderStudyRead[];
}

export interface NewReaderStudy {
  project: string;
  name: string;
  cases: string[];
  readers: number[];
  arm: { start: 'ai' | 'empty'; release_fingerprint?: string; release_name?: string };
  idle_threshold_s?: number;
  masked?: string[];
}
