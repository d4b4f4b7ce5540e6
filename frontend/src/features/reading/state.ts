/** What the reading room shows. One object; panes and panels select what they need. */

import type { Lesion, LesionStatus, OrganRoi, ProducerKind, Read, Volume } from '../../api/types';
import type { Vec3 } from '../../viewer/grid';
import type { Summary } from '../../viewer/measures';
import type { PaneId, Window } from '../../viewer/panes';
import type { Preview, ToolName } from './tools/tool';

export type Stage = 'loading' | 'mip' | 'pet' | 'ready';
export type Maximised = PaneId | 'mip' | null;
/** review: the MIP beside four planes; quad: the planes alone; map: the MIP large beside the axial planes. */
export type Layout = 'review' | 'quad' | 'map';
export const LAYOUTS: readonly Layout[] = ['review', 'quad', 'map'];
/** A reference sphere in an organ as the server measured it; its own numbers are the record. */
export type RoiRecord = OrganRoi;

/** Columns of the lesion table that it can be sorted by. */
export type SortKey =
  | 'label'
  | 'site'
  | 'source'
  | 'status'
  | 'rule'
  | 'volumeMl'
  | 'deltaMl'
  | 'suvMax'
  | 'suvPeak'
  | 'suvMean'
  | 'tlg'
  | 'disagreement';

export interface TableSort {
  readonly by: SortKey;
  readonly down: boolean;
}

export type DialogName = 'keys' | 'final' | 'submit' | 'conflict' | 'signIn' | null;
/** Where the read is edited instead of here: another tab of this browser, or another place. */
export type EditedElsewhere = 'tab' | 'place';

/** A row of the lesion table: what the server said, or our own measures until it answers. */
export interface LesionRow {
  readonly label: number;
  readonly status: LesionStatus;
  readonly source: ProducerKind;
  readonly name: string;
  /** Key of a coded site, with the side behind a slash; empty while none is given. */
  readonly site: string;
  readonly comment: string;
  /** Why it is no tumour; empty for tumour. */
  readonly physiologicalClass: string;
  readonly boundaryRule: string;
  readonly volumeMl: number;
  readonly suvMax: number | null;
  readonly suvPeak: number | null;
  readonly suvMean: number | null;
  readonly suvSd: number | null;
  readonly tlg: number | null;
  readonly maxMm: Vec3 | null;
  readonly centroidMm: Vec3 | null;
  readonly provisional: boolean;
}

export type SaveState =
  | { readonly kind: 'saved' }
  /** Everything is on the server, which cannot be reached now. */
  | { readonly kind: 'away' }
  | { readonly kind: 'saving'; readonly waiting: number }
  | { readonly kind: 'local'; readonly waiting: number; readonly why: string }
  | { readonly kind: 'memory'; readonly waiting: number; readonly why?: string }
  | { readonly kind: 'conflict'; readonly waiting: number; readonly code: string };

export interface ReadingState {
  readonly stage: Stage;
  readonly problem: string | null;
  readonly read: Read;
  readonly pet: Volume | null;
  readonly ct: Volume | null;
  readonly ctProblem: string | null;
  /** Shares that have arrived, 0..1; null when not under way. */
  readonly petShare: number | null;
  readonly ctShare: number | null;
  /** Size of the CT on its way; the PET's stands in `pet`. */
  readonly ctBytes: number | null;
  readonly tool: ToolName;
  /** Tools that stand behind "More" are shown. */
  readonly moreTools: boolean;
  readonly cursor: Vec3;
  readonly mipFrame: number;
  readonly playing: boolean;
  readonly petWindow: Window;
  /** Upper bound the image started with, in its own unit. */
  readonly startUpper: number;
  readonly ctWindow: Window;
  readonly fusion: number;
  readonly ctAlone: boolean;
  readonly overlaysHidden: boolean;
  readonly fill: boolean;
  readonly layout: Layout;
  readonly maximised: Maximised;
  readonly rows: readonly LesionRow[];
  readonly summary: Summary;
  readonly tableSort: TableSort;
  /** mL of each lesion of the read's first version. */
  readonly startMl: ReadonlyMap<number, number>;
  /** Mean model disagreement inside each lesion, 0..1; null without such data. */
  readonly disagreement: ReadonlyMap<number, number> | null;
  /** The newest reference sphere of each organ, newest first. */
  readonly roiRecords: readonly RoiRecord[];
  readonly selected: number | null;
  readonly preview: Preview | null;
  readonly undoTool: string | null;
  readonly redoTool: string | null;
  readonly save: SaveState;
  readonly dialog: DialogName;
  readonly message: string | null;
  readonly busy: string | null;
  /** Edits of this browser that could not be replayed on the server's head. */
  readonly setAside: number;
  /** This browser keeps nothing on its disk: edits not sent yet live in the page only. */
  readonly memoryOnly: boolean;
  /** Null while this page is the one that edits. */
  readonly editedElsewhere: EditedElsewhere | null;
  /** A declared pause: the images are covered and the clock knows. */
  readonly paused: boolean;
}

/** Under the pointer. */
export interface Hover {
  readonly voxel: Vec3 | null;
  readonly mm: Vec3 | null;
  readonly suv: number | null;
  readonly hu: number | null;
  readonly label: number;
}

export const SUV_KEYS = [3, 5, 7, 10, 15, 20, 30, 50] as const;
export const CT_PRESETS = [
  { name: 'Soft tissue', level: 40, width: 400 },
  { name: 'Lung', level: -600, width: 1500 },
  { name: 'Liver', level: 90, width: 150 },
  { name: 'Bone', level: 480, width: 2500 },
  { name: 'Brain', level: 40, width: 80 },
] as const;

export function initialState(read: Read): ReadingState {
  return {
    stage: 'loading',
    problem: null,
    read,
    pet: null,
    ct: null,
    ctProblem: null,
    petShare: 0,
    ctShare: null,
    ctBytes: null,
    tool: 'cross',
    moreTools: false,
    cursor: [0, 0, 0],
    mipFrame: 0,
    playing: false,
    petWindow: read.window,
    startUpper: read.window.upper,
    ctWindow: { lower: -160, upper: 240 },
    fusion: 0.5,
    ctAlone: false,
    overlaysHidden: false,
    fill: true,
    layout: 'review',
    maximised: null,
    rows: [],
    summary: { ttvMl: 0, lowestMean: null, lowestMeanLabel: null, suvMax: null, tlg: null, count: 0 },
    tableSort: { by: 'suvPeak', down: true },
    startMl: new Map(),
    disagreement: null,
    roiRecords: [],
    selected: null,
    preview: null,
    undoTool: null,
    redoTool: null,
    save: { kind: 'saved' },
    dialog: null,
    message: null,
    busy: null,
    setAside: 0,
    memoryOnly: false,
    editedElsewhere: null,
    paused: false,
  };
}

const place = (mm: readonly number[] | null): Vec3 | null =>
  mm && mm.length === 3 ? [mm[0] as number, mm[1] as number, mm[2] as number] : null;

export function rowFromServer(lesion: Lesion): LesionRow {
  return {
    label: lesion.label,
    status: lesion.status,
    source: lesion.source,
    name: lesion.name,
    site: lesion.site,
    comment: lesion.comment,
    physiologicalClass: lesion.physiological_class,
    boundaryRule: lesion.boundary_rule,
    volumeMl: lesion.volume_ml ?? 0,
    suvMax: lesion.suv_max,
    suvPeak: lesion.suv_peak,
    suvMean: lesion.suv_mean,
    suvSd: lesion.suv_sd,
    tlg: lesion.tlg,
    maxMm: place(lesion.max_xyz_mm),
    centroidMm: place(lesion.centroid_xyz_mm),
    provisional: false,
  };
}

/** Panes that stand on the screen. */
export function isShown({ layout, maximised }: Pick<ReadingState, 'layout' | 'maximised'>, pane: PaneId | 'mip'): boolean {
  if (maximised !== null) return maximised === pane;
  if (layout === 'quad') return pane !== 'mip';
  return layout === 'review' || pane === 'mip' || pane === 'axialFused' || pane === 'axialPet';
}
