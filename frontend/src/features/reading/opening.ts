/** Opens a read: MIP, lesions, PET and CT in the order the eye needs them; each is usable when it is there. */

import { messageOf } from '../../api/errors';
import type { Version, Volume } from '../../api/types';
import { Grid } from '../../viewer/grid';
import { LabelStore } from '../../viewer/labelStore';
import { bodyBox, usualMaximum } from '../../viewer/mip';
import { PANES, type PaneId } from '../../viewer/panes';
import { type Elements, hasWebGl2, type PlaneDrawer, type Rendered } from '../../viewer/render/renderer';
import type { Display } from '../../viewer/panes';
import { Editor } from './editor';
import { changeRows } from './idb';
import { fetchCt, fetchLabels, fetchMip, fetchPet, fetchVersion, fetchVolume, hasValidSuv, livingLesions } from './images';
import { MipPane } from './mipPane';
import { displayOf, Planes } from './planes';
import { planReplay, type QueuedEdit, SaveQueue } from './saveQueue';
import { fetchAhead } from './ahead';
import type { ReadingSession, RoomElements } from './session';
import { TEXT } from './text';

type MakeDrawer = (elements: Elements, display: Display, onRendered: Rendered) => PlaneDrawer;

/** Cornerstone3D is most of the code; it comes while the MIP is on its way. `?planes=2d` does without WebGL. */
export async function loadDrawer(): Promise<MakeDrawer> {
  const wanted = new URLSearchParams(location.search).get('planes');
  if (wanted === '2d' || !hasWebGl2()) {
    const { FlatPlaneDrawer } = await import('../../viewer/render/flatPlanes');
    return (...given) => new FlatPlaneDrawer(...given);
  }
  const { PlaneRenderer, prepareRendering } = await import('../../viewer/render/planes');
  await prepareRendering();
  return (...given) => new PlaneRenderer(...given);
}

export async function openRead(session: ReadingSession, elements: RoomElements, signal: AbortSignal): Promise<void> {
  session.clock.record('loading_begin', { what: 'pet' });
  const drawing = loadDrawer();
  const volume = await fetchVolume(session.read.pet_volume);
  if (signal.aborted) return;
  const grid = new Grid(volume.grid);
  const { state } = session;
  state.set({ pet: volume, cursor: [grid.nx >> 1, grid.ny >> 1, grid.nz >> 1] });
  session.planes = new Planes(grid, elements.panes, state, null);
  session.planes.setLayer('tools', session.tools.layer);
  const [pet, makeDrawer] = await Promise.all([
    fetchPet(volume, (petShare) => state.set({ petShare }), signal),
    drawing,
    openMip(session, elements, volume, grid, signal),
    openLabels(session, volume, grid, signal),
  ]);
  if (signal.aborted) return;
  session.takePet(pet);
  const renderer = makeDrawer(imageElements(elements), displayOf(state.get()), (pane) => session.planes?.rendered(pane));
  session.planes.setRenderer(renderer);
  await renderer.showPet(imageVolume(volume, grid, 'PT', pet.values));
  await session.planes.drawn();
  if (signal.aborted) return;
  state.set({ petShare: null });
  session.reach('pet');
  session.clock.record('loading_end', { what: 'pet' });
  session.clock.record('first_image');
  await openCt(session, renderer, signal);
  session.reach('ready');
  void session.disagreement.load();
  const { next_images: next } = session.read;
  if (next !== null && session.read.state !== 'submitted') fetchAhead(next, fetchVolume);
}

async function openMip(session: ReadingSession, { mip: canvas }: RoomElements, volume: Volume, grid: Grid, signal: AbortSignal): Promise<void> {
  const mip = await fetchMip(volume, signal);
  if (mip === null || signal.aborted) return;
  if (!hasValidSuv(volume)) {
    // The plan's window is in SUV; without it the image says itself how bright it is.
    const startUpper = usualMaximum(mip);
    session.state.set({ startUpper, petWindow: { lower: 0, upper: startUpper } });
  }
  session.mipPane = new MipPane(grid, mip, canvas, session.state);
  session.mipPane.setLayer('tools', session.tools.mipLayer);
  if (session.editor) session.mipPane.setLabels(session.editor.labels);
  session.planes?.setBody(bodyBox(session.mipPane.geometry, mip));
  session.reach('mip');
}

async function openLabels(session: ReadingSession, volume: Volume, grid: Grid, signal: AbortSignal): Promise<void> {
  const { id, head, first_version: first, state } = session.read;
  const [labels, start, rows] = await Promise.all([
    fetchLabels(head.id, grid, signal),
    first === head.id ? head : fetchVersion(first),
    SaveQueue.load(id).catch((error: unknown): QueuedEdit[] => {
      console.error('Edits kept in this browser could not be read.', error);
      return [];
    }),
  ]);
  if (signal.aborted) return;
  const store = new LabelStore(grid, labels);
  const { queue, clock } = session;
  session.editor = new Editor(session.state, store, () => session.pet, queue, clock, head, volume.grid_digest, livingLesions(start));
  session.state.set({ startMl: new Map(start.lesions.filter((one) => one.status !== 'deleted').map((one) => [one.label, one.volume_ml ?? 0])) });
  session.planes?.setLabels(store);
  session.mipPane?.setLabels(store);
  session.guide.recall(rows.map((row) => row.body));
  if (state === 'open' && session.state.get().editedElsewhere === null) replay(session, session.editor, rows, head);
  session.mark('labels');
}

/** What this browser had drawn and not sent comes back; what does not fit the head is set aside. */
function replay(session: ReadingSession, editor: Editor, rows: readonly QueuedEdit[], head: Version): void {
  const { pending, aside, history } = planReplay(rows, head.id);
  const unfit = editor.replay(pending, history);
  const fitting = pending.slice(0, pending.length - unfit.length);
  if (unfit.length > 0) void changeRows<QueuedEdit>('edits', unfit.map((edit) => edit.id), (row) => ({ ...row, state: 'aside' }));
  const waiting = new Set(pending.map((edit) => edit.id));
  const arrived = history.filter((edit) => edit.state === 'pending' && !waiting.has(edit.id)).map((edit) => edit.id);
  if (arrived.length > 0) void changeRows<QueuedEdit>('edits', arrived, (row) => ({ ...row, state: 'stored' }));
  if (fitting.length > 0) session.queue.resume(fitting);
  session.state.set({ setAside: aside.length + unfit.length });
}

async function openCt(session: ReadingSession, renderer: PlaneDrawer, signal: AbortSignal): Promise<void> {
  const { state, read } = session;
  if (read.ct_volume === null) return;
  state.set({ ctShare: 0 });
  try {
    const volume = await fetchVolume(read.ct_volume);
    // Two frames of reference are never fused in silence.
    const frame = state.get().pet?.frame_of_reference_uid;
    if (volume.frame_of_reference_uid !== frame) return state.set({ ctProblem: TEXT.otherFrame });
    state.set({ ctBytes: volume.voxels_bytes });
    const ct = await fetchCt(volume, (ctShare) => state.set({ ctShare }), signal);
    if (signal.aborted) return;
    session.ct = ct;
    state.set({ ct: volume });
    await renderer.showCt(imageVolume(volume, ct.grid, 'CT', ct.values));
    await session.planes?.drawn();
  } catch (error) {
    if (signal.aborted) return;
    console.error(error);
    state.set({ ctProblem: `${TEXT.ctFailed}: ${messageOf(error)}` });
  } finally {
    state.set({ ctShare: null });
  }
}

function imageElements({ panes }: RoomElements): Record<PaneId, HTMLDivElement> {
  return Object.fromEntries(PANES.map(({ id }) => [id, panes[id].image])) as Record<PaneId, HTMLDivElement>;
}

function imageVolume<D extends Float32Array | Int16Array>(volume: Volume, grid: Grid, modality: 'PT' | 'CT', data: D) {
  // Cornerstone3D takes ids without colons; two sessions of one volume must not share one.
  const id = `${modality.toLowerCase()}-${volume.id}-${Math.round(performance.now())}`;
  return { id, grid, frameOfReference: volume.frame_of_reference_uid, modality, data };
}
