/** A read-only view for tests in a real browser: `window.petreview`. It changes nothing. */

import type { Vec3 } from '../../viewer/grid';
import { aheadUrls } from './ahead';
import type { PaneId } from '../../viewer/panes';
import type { ReadingSession } from './session';

export interface DebugHandle {
  /** Voxel count of every lesion. */
  labels(): Record<number, number>;
  labelAt(x: number, y: number, z: number): number;
  petAt(x: number, y: number, z: number): number | null;
  cursor(): readonly number[];
  /** The newest state of this browser, and edits the server does not have yet. */
  versions(): { head: string | null; waiting: string[]; stored: boolean };
  /** Client point of a world place (LPS mm) in a pane, on the slice shown; for the MIP at its angle. */
  canvasPointOf(pane: PaneId | 'mip', world: Vec3): [number, number] | null;
  /** The same as Cornerstone3D maps it: both must agree. */
  renderedPointOf(pane: PaneId, world: Vec3): [number, number] | null;
  slices(): Partial<Record<PaneId, number>>;
  worldOf(x: number, y: number, z: number): readonly number[] | null;
  shape(): readonly number[] | null;
  window(): { lower: number; upper: number };
  /** What Enter would do: SUV limit (0 without one), voxels that would change, who asks, what is shown. */
  preview(): PreviewView | null;
  /** ms since the room was opened at which each stage was reached, and of the last label projection. */
  marks(): Record<string, number>;
  events(): number;
  /** Addresses of the next case's images that are at hand. */
  ahead(): string[];
}

export interface PreviewView {
  readonly thresholdSuv: number;
  readonly voxels: number;
  readonly regions: readonly { readonly label: number; readonly voxels: number; readonly erases: boolean }[];
  readonly facts: Readonly<Record<string, string>>;
  readonly busy: boolean;
  readonly problem: string | null;
}

declare global {
  interface Window {
    petreview?: DebugHandle;
  }
}

const PANE_IDS: readonly PaneId[] = ['axialFused', 'coronalPet', 'axialPet', 'sagittalFused'];

export function exposeDebugHandle(session: ReadingSession, elementOf: (pane: PaneId | 'mip') => HTMLElement): () => void {
  const handle: DebugHandle = {
    labels: () => Object.fromEntries(session.editor?.labels.present.map((label) => [label, session.editor?.labels.voxels(label).length ?? 0]) ?? []),
    labelAt: (x, y, z) => session.editor?.labels.at(session.editor.labels.grid.flat(x, y, z)) ?? 0,
    petAt: (x, y, z) => session.pet?.values[session.pet.grid.flat(x, y, z)] ?? null,
    cursor: () => session.state.get().cursor,
    versions: () => ({
      head: session.editor?.head ?? null,
      waiting: session.queue.waiting.map((edit) => edit.id),
      stored: session.state.get().save.kind === 'saved',
    }),
    canvasPointOf: (pane, world) => pointOf(session, elementOf, pane, world),
    renderedPointOf: (pane, world) => {
      const point = session.planes?.renderedPoint(pane, world);
      const box = elementOf(pane).getBoundingClientRect();
      return point ? [box.left + point[0], box.top + point[1]] : null;
    },
    slices: () => Object.fromEntries(PANE_IDS.map((pane) => [pane, session.planes?.slice(pane) ?? -1])),
    worldOf: (x, y, z) => session.planes?.grid.indexToWorld([x, y, z]) ?? null,
    shape: () => session.planes?.grid.shape ?? null,
    window: () => session.state.get().petWindow,
    preview: () => {
      const { preview } = session.state.get();
      if (preview === null) return null;
      const regions = preview.regions.map(({ label, voxels, erases }) => ({ label, voxels: [...voxels].length, erases }));
      const facts = Object.fromEntries(preview.facts.map(({ id, value }) => [id, value]));
      const { busy, problem } = preview;
      return { thresholdSuv: Number(facts['threshold'] ?? 0), voxels: regions.reduce((sum, one) => sum + one.voxels, 0), regions, facts, busy, problem };
    },
    marks: () => ({ ...session.marks, projection: session.mipPane?.projectionMs ?? 0 }),
    events: () => session.clock.made,
    ahead: () => aheadUrls(),
  };
  window.petreview = handle;
  return () => {
    if (window.petreview === handle) delete window.petreview;
  };
}

function pointOf(
  session: ReadingSession,
  elementOf: (pane: PaneId | 'mip') => HTMLElement,
  pane: PaneId | 'mip',
  world: Vec3,
): [number, number] | null {
  const { planes, mipPane } = session;
  if (planes === null) return null;
  const box = elementOf(pane).getBoundingClientRect();
  const index = planes.grid.worldToIndex(world);
  const point = pane === 'mip' ? mipPane?.pointOf([Math.round(index[0]), Math.round(index[1]), Math.round(index[2])]) : planes.view(pane).toCanvas(index);
  return point ? [box.left + point[0], box.top + point[1]] : null;
}
