/** One read on the screen: loads it, holds its parts together, answers keys and mouse. */

import { messageOf } from '../../api/errors';
import { postEdit } from '../../api/endpoints/reads';
import type { Read } from '../../api/types';
import { clamp, type Vec3 } from '../../viewer/grid';
import type { PaneId, Window } from '../../viewer/panes';
import { Clock } from './clock/clock';
import { Compare } from './compare/compare';
import { Disagreement } from './compare/disagreement';
import { type Change, type Editor, placeOf } from './editor';
import { Finish } from './finish';
import { Guide } from './guided/guide';
import { type CtImage, hasValidSuv, type PetImage } from './images';
import { sortedRows } from './lesionSort';
import type { MipPane } from './mipPane';
import { openRead } from './opening';
import { type PaneElements, type Planes, specOf } from './planes';
import { Presence } from './presence';
import { SaveQueue } from './saveQueue';
import { CT_PRESETS, type Hover, initialState, LAYOUTS, type Maximised, type ReadingState, type SaveState, type Stage } from './state';
import { Store } from './store';
import { TEXT } from './text';
import { LesionActions } from './tools/lesionActions';
import { TOOL_TEXT } from './tools/text';
import { Toolbox } from './tools/toolbox';
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
  readonly tools = new Toolbox(this);
  readonly lesions = new LesionActions(this);
  readonly guide: Guide;
  readonly compare: Compare;
  readonly disagreement: Disagreement;
  planes: Planes | null = null;
  mipPane: MipPane | null = null;
  editor: Editor | null = null;
  pet: PetImage | null = null;
  ct: CtImage | null = null;
  /** Pointer on the MIP, canvas pixels. */
  mipPointer: { x: number; y: number } | null = null;
  readonly presence: Presence;
  /** Opens the next case of the worklist; set by the room while there is one. */
  openNext: (() => void) | null = null;
  readonly marks: Partial<Record<Stage | 'labels', number>> = {};
  private readonly abort = new AbortController();
  private readonly begun = performance.now();

  constructor(
    read: Read,
    private readonly elements: RoomElements,
  ) {
    this.state = new Store(initialState(read));
    this.clock = new Clock(read.id, eventTransport(read.id), read.event_count);
    this.queue = new SaveQueue(read.id, {
      post: (edit) => postEdit(read.id, edit),
      onState: (save) => this.saveStateIs(save),
      onMemoryOnly: () => this.state.set({ memoryOnly: true }),
      onStored: (version, waiting) => this.editor?.stored(version, waiting),
    });
    this.guide = new Guide(this);
    this.compare = new Compare(this);
    this.disagreement = new Disagreement(this);
    this.presence = new Presence(this);
  }

  private saveStateIs(save: SaveState): void {
    if (save.kind === 'conflict') this.state.set({ save, dialog: 'conflict' });
    else if (save.kind === 'local' && save.why === 'not_signed_in') this.state.set({ save, dialog: 'signIn' });
    else this.state.set({ save });
  }

  /** Covers the images, or shows them again; the clock knows both. */
  setPaused(paused: boolean): void {
    if (this.read.state !== 'open' || paused === this.state.get().paused) return;
    if (paused) this.mipPane?.play(false);
    this.clock.record(paused ? 'pause_begin' : 'pause_end');
    this.state.set({ paused });
  }

  /** Aborted when the room is left. */
  get ended(): AbortSignal {
    return this.abort.signal;
  }

  get read(): Read {
    return this.state.get().read;
  }

  /** Loads MIP, lesions, PET and CT; every stage is usable when it is there. */
  async start(): Promise<void> {
    if (this.read.state !== 'submitted') this.clock.start();
    void this.queue.checkDisk();
    try {
      if (this.read.state === 'open') await this.presence.begin();
      if (this.abort.signal.aborted) return;
      await openRead(this, this.elements, this.abort.signal);
    } catch (error) {
      if (this.abort.signal.aborted) return;
      console.error(error);
      this.state.set({ problem: messageOf(error) });
    }
  }

  destroy(): void {
    this.abort.abort();
    this.presence.end();
    if (this.state.get().paused) this.clock.record('pause_end');
    this.clock.stop();
    this.queue.destroy();
    this.guide.destroy();
    this.compare.destroy();
    this.planes?.destroy();
    this.mipPane?.destroy();
  }

  /** A stage of opening is reached; stages only go forward. */
  reach(stage: Stage): void {
    const order: Stage[] = ['loading', 'mip', 'pet', 'ready'];
    this.mark(stage);
    if (order.indexOf(stage) > order.indexOf(this.state.get().stage)) this.state.set({ stage });
  }

  mark(name: Stage | 'labels'): void {
    this.marks[name] = performance.now() - this.begun;
  }

  /** The PET is here: thresholds and measures work from now on. */
  takePet(pet: PetImage): void {
    this.pet = pet;
    this.editor?.remeasure();
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

  /** The voxel that a point of the MIP shows. */
  hottestBehind(x: number, y: number): Vec3 | null {
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

  nextLayout(): void {
    const { layout } = this.state.get();
    const next = LAYOUTS[(LAYOUTS.indexOf(layout) + 1) % LAYOUTS.length] ?? 'review';
    this.state.set({ layout: next, maximised: null });
  }

  /** A SUV bound; without SUV the same keys are tenths of the bound the image starts with. */
  setUpper(bound: number): void {
    const { pet, startUpper } = this.state.get();
    const upper = pet !== null && !hasValidSuv(pet) ? (startUpper * bound) / 10 : bound;
    this.setPetWindow({ lower: 0, upper });
  }

  resetWindow(): void {
    const { pet, startUpper } = this.state.get();
    this.setPetWindow(pet !== null && !hasValidSuv(pet) ? { lower: 0, upper: startUpper } : this.read.window);
  }

  /** Twice the threshold in use shows what lies above it and what only just does not. */
  windowToThreshold(): void {
    const threshold = this.state.get().roiRecords[0]?.threshold_suv ?? this.tools.options.get().fixedSuv;
    if (this.pet !== null && !hasValidSuv(this.pet.volume)) return this.resetWindow();
    this.setPetWindow({ lower: 0, upper: 2 * threshold });
  }

  fitAll(): void {
    this.planes?.fitAll();
    this.mipPane?.fit();
  }

  setCtPreset(number: number): void {
    const preset = CT_PRESETS[number];
    if (preset === undefined) return;
    this.setCtWindow({ lower: preset.level - preset.width / 2, upper: preset.level + preset.width / 2 });
    this.windowChosen();
  }

  /** More or less PET over the CT. */
  setFusion(step: number): void {
    this.state.set({ fusion: clamp(Math.round((this.state.get().fusion + step) * 10) / 10, 0, 1), ctAlone: false });
  }

  select(label: number | null): void {
    const row = this.state.get().rows.find((one) => one.label === label);
    this.state.set({ selected: label });
    const place = row ? placeOf(row) : null;
    const voxel = place ? (this.planes?.grid.voxelAt(place) ?? null) : null;
    this.moveCursor(voxel);
  }

  /** A click on a lesion marks its row; the planes stay at the click. */
  selectUnder(voxel: Vec3 | null): void {
    const labels = this.editor?.labels;
    const label = voxel && labels ? labels.at(labels.grid.flat(...voxel)) : 0;
    if (label !== 0) this.state.set({ selected: label });
  }

  selectNext(step: 1 | -1): void {
    const labels = sortedRows(this.state.get()).filter((row) => row.status !== 'deleted').map((row) => row.label);
    if (labels.length === 0) return;
    const at = labels.indexOf(this.state.get().selected ?? -1);
    const next = at < 0 ? (step === 1 ? 0 : labels.length - 1) : (at + step + labels.length) % labels.length;
    this.select(labels[next] as number);
  }

  // --- editing ---------------------------------------------------------------------------------

  /** False, and says so, where the segmentation is final. */
  mayEdit(): boolean {
    if (this.read.state === 'open' && !this.isHeldBack() && this.editor !== null && this.pet !== null) return true;
    this.state.set({ message: this.whyNoEdit() });
    return false;
  }

  private isHeldBack(): boolean {
    const { editedElsewhere, paused } = this.state.get();
    return editedElsewhere !== null || paused;
  }

  private whyNoEdit(): string {
    if (this.read.state !== 'open') return TEXT.frozenEdit;
    if (this.state.get().editedElsewhere !== null) return TEXT.refusedElsewhere;
    return this.state.get().paused ? TEXT.pausedEdit : TEXT.notReady;
  }

  commit(change: Change): void {
    if (!this.mayEdit()) return;
    if (!this.read.tools.includes(change.tool)) return this.state.set({ message: TOOL_TEXT.notAllowed });
    this.editor?.commit(change);
  }

  /** What lies under the pointer may have changed while it stood still. */
  hoverAgain(): void {
    if (this.mipPointer !== null) this.pointAtMip(this.mipPointer.x, this.mipPointer.y);
    else this.hoverAt(this.hover.get().voxel);
  }
}
