/** One read on the screen: loads it, holds its parts together, answers keys and mouse. */

import { ApiError, messageOf } from '../../api/errors';
import { api, unwrap } from '../../api/client';
import { postEdit } from '../../api/endpoints/reads';
import type { Version, Volume } from '../../api/types';
import { clamp, Grid, type Vec3 } from '../../viewer/grid';
import { LabelStore } from '../../viewer/labelStore';
import { PANES, type PaneId, type Window } from '../../viewer/panes';
import { Clock } from './clock/clock';
import { type Change, Editor, placeOf } from './editor';
import { Finish } from './finish';
import { type CtImage, fetchCt, fetchLabels, fetchMip, fetchPet, type PetImage } from './images';
import { changeRow } from './idb';
import { MipPane } from './mipPane';
import { displayOf, type PaneElements, Planes, specOf } from './planes';
import { planReplay, type QueuedEdit, SaveQueue } from './saveQueue';
import { SeedTool } from './seeding';
import { BRUSH_MM, type Hover, initialState, type Maximised, type ReadDetail, type ReadingState, type Stage } from './state';
import { Store } from './store';
import { TEXT } from './text';
import { eventTransport } from './transport';

export interface RoomElements {
  readonly panes: Readonly<Record<PaneId, PaneElements>>;
  readonly mip: HTMLCanvasElement;
}

const NOTHING: Hover = { voxel: null, mm: null, suv: null, hu: null, label: 0 };

export class ReadingSession {
  readonly state: Store<ReadingState>;
  readonly hover = new Store<Hover>(NOTHING);
  readonly clock: Clock;
  readonly queue: SaveQueue;
  readonly finish = new Finish(this);
  planes: Planes | null = null;
  mipPane: MipPane | null = null;
  editor: Editor | null = null;
  pet: PetImage | null = null;
  ct: CtImage | null = null;
  previewPane: PaneId | 'mip' | null = null;
  /** Pointer on the MIP, canvas pixels. */
  mipPointer: { x: number; y: number } | null = null;
  readonly marks: Partial<Record<Stage | 'labels', number>> = {};
  private seeds: SeedTool | null = null;
  private readonly abort = new AbortController();
  private readonly begun = performance.now();

  constructor(
    read: ReadDetail,
    private readonly elements: RoomElements,
  ) {
    this.state = new Store(initialState(read));
    this.clock = new Clock(read.id, eventTransport(read.id), read.event_count);
    this.queue = new SaveQueue(read.id, {
      post: (edit) => postEdit(read.id, edit),
      onState: (save) => this.state.set(save.kind === 'conflict' ? { save, dialog: 'conflict' } : { save }),
      onStored: (version, waiting) => this.editor?.stored(version, waiting),
    });
  }

  get read(): ReadDetail {
    return this.state.get().read;
  }

  /** Loads MIP, lesions, PET and CT; every stage is usable when it is there. */
  async start(): Promise<void> {
    this.clock.start();
    this.clock.record('loading_begin', { what: 'pet' });
    try {
      await this.load();
    } catch (error) {
      if (this.abort.signal.aborted) return;
      console.error(error);
      this.state.set({ problem: messageOf(error) });
    }
  }

  destroy(): void {
    this.abort.abort();
    this.clock.stop();
    this.queue.destroy();
    this.planes?.destroy();
    this.mipPane?.destroy();
  }

  private async load(): Promise<void> {
    const { signal } = this.abort;
    const rendering = import('../../viewer/render/planes').then(async (module) => {
      await module.prepareRendering();
      return module;
    });
    const volume = await fetchVolume(this.read.pet_volume);
    if (signal.aborted) return;
    const grid = new Grid(volume.grid);
    this.state.set({ pet: volume, cursor: [grid.nx >> 1, grid.ny >> 1, grid.nz >> 1] });
    this.planes = new Planes(grid, this.elements.panes, this.state, null);
    const [pet, { PlaneRenderer }] = await Promise.all([
      fetchPet(volume, (petShare) => this.state.set({ petShare }), signal),
      rendering,
      this.loadMip(volume, grid),
      this.loadLabels(volume, grid),
    ]);
    if (signal.aborted) return;
    this.pet = pet;
    if (this.editor) this.seeds = new SeedTool(this.state, this.editor.labels, pet);
    const renderer = new PlaneRenderer(
      Object.fromEntries(PANES.map(({ id }) => [id, this.elements.panes[id].image])) as Record<PaneId, HTMLDivElement>,
      displayOf(this.state.get()),
      (pane) => this.planes?.rendered(pane),
    );
    this.planes.setRenderer(renderer);
    await renderer.showPet(imageVolume(volume, grid, 'PT', pet.values));
    await this.planes.drawn();
    if (signal.aborted) return;
    this.state.set({ petShare: null });
    this.reach('pet');
    this.clock.record('loading_end', { what: 'pet' });
    this.clock.record('first_image');
    await this.loadCt(renderer);
    this.reach('ready');
  }

  private async loadMip(volume: Volume, grid: Grid): Promise<void> {
    const mip = await fetchMip(volume, this.abort.signal);
    if (mip === null || this.abort.signal.aborted) return;
    this.mipPane = new MipPane(grid, mip, this.elements.mip, this.state);
    if (this.editor) this.mipPane.setLabels(this.editor.labels);
    this.reach('mip');
  }

  private async loadLabels(volume: Volume, grid: Grid): Promise<void> {
    const { head, first_version: first, state } = this.read;
    const [labels, start, rows] = await Promise.all([
      fetchLabels(head.id, grid, this.abort.signal),
      first === head.id ? head : fetchVersion(first),
      SaveQueue.load(this.read.id).catch((error: unknown): QueuedEdit[] => {
        console.error('Edits kept in this browser could not be read.', error);
        return [];
      }),
    ]);
    if (this.abort.signal.aborted) return;
    const store = new LabelStore(grid, labels);
    this.editor = new Editor(this.state, store, () => this.pet, this.queue, this.clock, head, volume.grid_digest, livingLesions(start));
    this.planes?.setLabels(store);
    this.mipPane?.setLabels(store);
    if (state === 'open') this.replay(rows, head);
    this.marks.labels = performance.now() - this.begun;
  }

  private replay(rows: readonly QueuedEdit[], head: Version): void {
    const { pending, aside, history } = planReplay(rows, head.id);
    this.editor?.replay(pending, history);
    const waiting = new Set(pending.map((edit) => edit.id));
    for (const edit of history) {
      if (edit.state === 'pending' && !waiting.has(edit.id)) void changeRow<QueuedEdit>('edits', edit.id, (row) => ({ ...row, state: 'stored' }));
    }
    if (pending.length > 0) this.queue.resume(pending);
    this.state.set({ setAside: aside.length });
  }

  private async loadCt(renderer: InstanceType<(typeof import('../../viewer/render/planes'))['PlaneRenderer']>): Promise<void> {
    const id = this.read.ct_volume;
    if (id === null) return;
    this.state.set({ ctShare: 0 });
    try {
      const volume = await fetchVolume(id);
      const ct = await fetchCt(volume, (ctShare) => this.state.set({ ctShare }), this.abort.signal);
      if (this.abort.signal.aborted) return;
      this.ct = ct;
      this.state.set({ ct: volume });
      await renderer.showCt(imageVolume(volume, ct.grid, 'CT', ct.values));
      await this.planes?.drawn();
    } catch (error) {
      if (this.abort.signal.aborted) return;
      console.error(error);
      this.state.set({ ctProblem: messageOf(error) });
    } finally {
      this.state.set({ ctShare: null });
    }
  }

  private reach(stage: Stage): void {
    const order: Stage[] = ['loading', 'mip', 'pet', 'ready'];
    this.marks[stage] = performance.now() - this.begun;
    if (order.indexOf(stage) > order.indexOf(this.state.get().stage)) this.state.set({ stage });
  }

  // --- looking ---------------------------------------------------------------------------------

  moveCursor(voxel: Vec3 | null): void {
    if (voxel !== null) this.state.set({ cursor: voxel });
  }

  /** Wheel down goes to the feet, the back and the patient's right. */
  scroll(pane: PaneId, notches: number): void {
    if (this.planes === null) return;
    const { axis, sign } = this.planes.axes[specOf(pane).plane].across;
    const step = specOf(pane).plane === 'coronal' ? notches * sign : -notches * sign;
    const cursor: [number, number, number] = [...this.state.get().cursor];
    cursor[axis] = clamp(cursor[axis] + step, 0, this.planes.grid.shape[axis] - 1);
    this.state.set({ cursor });
    const mark = this.planes.pointer;
    if (mark !== null) this.hoverAt(this.planes.voxelAt(mark.pane, mark.x, mark.y));
  }

  hoverAt(voxel: Vec3 | null): void {
    if (voxel === null || this.planes === null) return this.hover.set(NOTHING);
    const { grid } = this.planes;
    const flat = grid.flat(...voxel);
    const mm = grid.indexToWorld(voxel);
    const ctVoxel = this.ct?.grid.voxelAt(mm) ?? null;
    this.hover.set({
      voxel,
      mm,
      suv: this.pet?.values[flat] ?? null,
      hu: this.ct && ctVoxel ? (this.ct.values[this.ct.grid.flat(...ctVoxel)] ?? null) : null,
      label: this.editor?.labels.at(flat) ?? 0,
    });
  }

  pointAtMip(x: number, y: number): void {
    this.mipPointer = { x, y };
    this.hover.set({ ...NOTHING, label: this.mipPane?.labelAt(x, y) ?? 0 });
  }

  leaveMip(): void {
    this.mipPointer = null;
    this.hover.set(NOTHING);
  }

  jumpFromMip(x: number, y: number): void {
    const voxel = this.hottestBehind(x, y);
    this.moveCursor(voxel);
    const label = this.mipPane?.labelAt(x, y) ?? 0;
    if (label !== 0) this.state.set({ selected: label });
  }

  private hottestBehind(x: number, y: number): Vec3 | null {
    const pixel = this.mipPane?.pixelAt(x, y);
    if (!pixel || this.pet === null || this.mipPane === null) return null;
    return this.pet.mip.hottestAlongRay(this.pet.values, this.mipPane.angleDeg, pixel.row, pixel.column);
  }

  setPetWindow(petWindow: Window, chosen = true): void {
    this.state.set({ petWindow });
    if (chosen) this.windowChosen();
  }

  setCtWindow(ctWindow: Window): void {
    this.state.set({ ctWindow });
  }

  /** A change of the window is a fact of the read, once it has settled. */
  windowChosen(): void {
    const { petWindow, ctWindow } = this.state.get();
    this.clock.record('window', { pet: petWindow, ct: ctWindow });
  }

  toggleMaximised(pane: Exclude<Maximised, null>): void {
    this.state.set({ maximised: this.state.get().maximised === pane ? null : pane });
  }

  select(label: number | null): void {
    const row = this.state.get().rows.find((one) => one.label === label);
    this.state.set({ selected: label });
    const place = row ? placeOf(row) : null;
    const voxel = place ? (this.planes?.grid.voxelAt(place) ?? null) : null;
    this.moveCursor(voxel);
  }

  selectNext(step: 1 | -1): void {
    const labels = this.state.get().rows.filter((row) => row.status !== 'deleted').map((row) => row.label);
    if (labels.length === 0) return;
    const at = labels.indexOf(this.state.get().selected ?? -1);
    const next = at < 0 ? (step === 1 ? 0 : labels.length - 1) : (at + step + labels.length) % labels.length;
    this.select(labels[next] as number);
  }

  // --- editing ---------------------------------------------------------------------------------

  /** False, and says so, where the segmentation is final. */
  mayEdit(): boolean {
    if (this.read.state === 'open' && this.editor !== null && this.pet !== null) return true;
    this.state.set({ message: this.read.state === 'open' ? TEXT.notReady : TEXT.frozenEdit });
    return false;
  }

  commit(change: Change): void {
    if (!this.mayEdit()) return;
    this.editor?.commit(change);
  }

  undo(): void {
    if (this.state.get().preview !== null) this.cancelPreview();
    else if (this.mayEdit()) this.editor?.undo();
  }

  redo(): void {
    if (this.mayEdit()) this.editor?.redo();
  }

  /** The lesion under the pointer, else the selected one. */
  deleteHere(): void {
    if (!this.mayEdit()) return;
    const label = this.hover.get().label || this.state.get().selected;
    if (!label || this.editor?.labels.voxels(label).length === 0) return this.state.set({ message: TEXT.nothingToDelete });
    this.editor?.deleteLesion(label);
    this.rehover();
  }

  async restore(label: number): Promise<void> {
    if (!this.mayEdit()) return;
    try {
      const voxels = this.editor?.lastVoxelsOf(label) ?? (await this.storedVoxelsOf(label));
      if (voxels === null || !this.editor?.restoreLesion(label, voxels)) this.state.set({ message: TEXT.notThere });
    } catch (error) {
      this.state.set({ message: messageOf(error) });
    }
  }

  /** Walks back along the stored versions to the last one that holds the lesion. */
  private async storedVoxelsOf(label: number): Promise<Int32Array | null> {
    if (this.editor === null) return null;
    const { grid } = this.editor.labels;
    for (let version = this.read.head; version.parent !== null; ) {
      version = await fetchVersion(version.parent);
      if (!livingLesions(version).has(label)) continue;
      return new LabelStore(grid, await fetchLabels(version.id, grid, this.abort.signal)).voxels(label);
    }
    return null;
  }

  /** A: a region grown from what lies under the pointer. */
  seedUnderPointer(): void {
    this.state.set({ tool: 'add' });
    if (this.mipPointer !== null) return this.seedAt(this.hottestBehind(this.mipPointer.x, this.mipPointer.y), 'mip');
    const mark = this.planes?.pointer ?? null;
    if (mark !== null) this.seedAt(this.hover.get().voxel, mark.pane);
  }

  seedAt(voxel: Vec3 | null, pane: PaneId | 'mip'): void {
    if (voxel === null) return this.state.set({ message: TEXT.pointFirst });
    if (!this.mayEdit()) return;
    this.previewPane = pane;
    this.seeds?.start(voxel);
    if (pane === 'mip') this.moveCursor(voxel);
  }

  stepThreshold(notches: number): void {
    this.seeds?.step(notches);
  }

  refreshPreview(): void {
    this.seeds?.refresh();
  }

  acceptPreview(): void {
    const change = this.seeds?.accept() ?? null;
    if (change === null) return;
    this.seeds?.cancel();
    this.commit(change);
    this.rehover();
  }

  cancelPreview(): void {
    this.seeds?.cancel();
  }

  resizeBrush(steps: number): void {
    const { brushRadiusMm } = this.state.get();
    const grown = brushRadiusMm + steps * (brushRadiusMm < 6 ? BRUSH_MM.step / 2 : BRUSH_MM.step);
    this.state.set({ brushRadiusMm: clamp(grown, BRUSH_MM.smallest, BRUSH_MM.largest) });
  }

  private rehover(): void {
    this.hoverAt(this.hover.get().voxel);
  }
}

async function fetchVolume(id: string): Promise<Volume> {
  return unwrap(api.GET('/api/volumes/{volume_id}/', { params: { path: { volume_id: id } } }));
}

async function fetchVersion(id: string): Promise<Version> {
  return unwrap(api.GET('/api/versions/{version_id}/', { params: { path: { version_id: id } } }));
}

const livingLesions = (version: Version): Set<number> =>
  new Set(version.lesions.filter((lesion) => lesion.status !== 'deleted').map((lesion) => lesion.label));

function imageVolume<D extends Float32Array | Int16Array>(volume: Volume, grid: Grid, modality: 'PT' | 'CT', data: D) {
  // Cornerstone3D takes ids without colons; two sessions of one volume must not share one.
  const id = `${modality.toLowerCase()}-${volume.id}-${Math.round(performance.now())}`;
  return { id, grid, frameOfReference: volume.frame_of_reference_uid, modality, data };
}

export const isFrozen = (error: unknown): boolean => error instanceof ApiError && error.code === 'read_frozen';
