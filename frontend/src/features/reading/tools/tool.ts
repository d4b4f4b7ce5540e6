/** What every tool of the reading room has in common. One class a tool; the table is in toolbox.ts. */

import type { LesionEdit } from '../../../api/types';
import type { Grid, Vec3 } from '../../../viewer/grid';
import type { LabelStore } from '../../../viewer/labelStore';
import type { PlaneAxes } from '../../../viewer/orientation';
import type { PaneId } from '../../../viewer/panes';
import type { PlaneView } from '../../../viewer/planeView';
import type { Change } from '../editor';
import type { PetImage } from '../images';
import type { RoiRecord } from '../state';
import type { ToolOptions } from './options';
import type { Method, Proposal } from './proposals';

export type LookingTool = 'window' | 'cross';
export type EditingToolName =
  | 'add'
  | 'brush'
  | 'erase'
  | 'sphere'
  | 'voi'
  | 'split'
  | 'cut'
  | 'merge'
  | 'physiological'
  | 'reshape'
  | 'describe';
export type ToolName = LookingTool | EditingToolName;

/** A place the pointer is at. */
export interface Spot {
  readonly pane: PaneId;
  /** Canvas point, CSS pixels. */
  readonly x: number;
  readonly y: number;
  /** Fractional voxel index on the slice shown. */
  readonly index: Vec3;
  /** The voxel, null outside the image. */
  readonly voxel: Vec3 | null;
  readonly axes: PlaneAxes;
  readonly shift: boolean;
}

/** Voxels outlined before they are an edit. */
export interface Region {
  readonly voxels: Iterable<number>;
  readonly label: number;
  /** They leave the lesion. */
  readonly erases: boolean;
}

/** What Enter would do, shown until Enter or Escape. */
export interface Preview {
  readonly tool: EditingToolName;
  readonly title: string;
  readonly rule: string;
  readonly regions: readonly Region[];
  /** What stands in the card, most important first. */
  readonly facts: readonly Fact[];
  readonly warnings: readonly string[];
  /** Why there is nothing to accept. */
  readonly problem: string | null;
  /** The server is computing. */
  readonly busy: boolean;
  /** Where the card stands clear of. */
  readonly at: Vec3 | null;
  readonly pane: PaneId | 'mip';
  readonly stepHint: string | null;
}

export interface Fact {
  readonly id: string;
  readonly before?: string;
  readonly value: string;
  readonly after?: string;
}

/** What a tool draws on, over a plane. */
export interface ToolCanvas {
  readonly context: CanvasRenderingContext2D;
  readonly view: PlaneView;
  readonly slice: number;
  /** Where the pointer is on this plane (fractional voxel index): shown in every pane of the plane. */
  readonly pointer: Vec3 | null;
}

/** Tools whose size is drawn round the pointer. */
export const FOLLOWS_POINTER: ReadonlySet<ToolName> = new Set<ToolName>(['brush', 'erase', 'sphere']);

/** What a tool may touch of the room. */
export interface Bench {
  readonly labels: LabelStore;
  readonly image: PetImage;
  readonly grid: Grid;
  readonly options: ToolOptions;
  /** The names that the plan lets edits be saved with. */
  readonly allowed: readonly string[];
  readonly selected: number | null;
  /** Thresholds from liver or spleen ROIs of this read, newest first. */
  readonly roiRecords: readonly RoiRecord[];
  set(change: Partial<ToolOptions>): void;
  select(label: number | null): void;
  show(preview: Preview | null): void;
  /** Drawings changed: paint them again. */
  repaint(): void;
  say(message: string): void;
  commit(change: Change): void;
  ask(method: Method, parameters: Record<string, unknown>): Promise<Proposal | null>;
  /** Forgets a question that is under way. */
  forget(): void;
  textsOf(label: number): LesionEdit | null;
}

export interface EditingTool {
  readonly name: EditingToolName;
  /** Chosen, with what lies under the pointer. */
  enter?(under: Spot | null): void;
  /** Left button down, drag, up. */
  begin?(at: Spot): void;
  move?(at: readonly Spot[]): void;
  end?(): void;
  /** Ctrl + wheel: +1 a notch up. */
  step?(notches: number): void;
  /** [ and ]. */
  resize?(steps: number): void;
  /** Ctrl + Z while something is drawn: takes the last piece back. False when there is none. */
  back?(): boolean;
  /** An option or a lesion changed. */
  refresh?(): void;
  accept?(): void;
  /** Drops what is drawn or previewed. False when there is nothing. */
  cancel?(): boolean;
  paint?(canvas: ToolCanvas): void;
  /** Keys of the tool, while it is the active one. */
  readonly keys?: Readonly<Record<string, () => void>>;
}
