/**
 * The standardized semi-automatic method as a guided path: place a 3 cm sphere in liver or spleen,
 * segment the whole body above the threshold that follows, then delete and correct.
 */

import { postOrganRoi } from '../../../api/endpoints/organRois';
import { postProposal } from '../../../api/endpoints/proposals';
import { messageOf } from '../../../api/errors';
import type { Grid, Vec3 } from '../../../viewer/grid';
import type { Along } from '../../../viewer/orientation';
import type { PaneId } from '../../../viewer/panes';
import { forEachRun, type Patch } from '../../../viewer/patch';
import { ProposedLayer, SphereLayer } from '../../../viewer/render/layers';
import { MipCircle, ProjectedLayer } from '../compare/mipLayers';
import { specOf } from '../planes';
import type { ReadingSession } from '../session';
import type { RoiRecord } from '../state';
import { Store } from '../store';
import { type Proposal, Proposals } from '../tools/proposals';
import { TOOL_TEXT } from '../tools/text';
import { latest } from './latest';
import { Placing } from './placing';
import { DIAMETER_MM, measureSphere, NOT_EVALUABLE, type Organ, recalled, type RoiValues, WHOLE_BODY, withRecord } from './roi';
import { GUIDE_TEXT } from './text';

export const MINIMUM_ML = 0.1;
export const CONNECTIVITY = 26;
/** A sphere that is nudged is measured by the server once it has come to rest. */
const REST_MS = 150;
const SPHERE_COLOUR = '#3fe08f';

export type Step = 'roi' | 'fallback' | 'segment' | 'correct';

/** A region above the threshold that is not a lesion yet. */
export interface Component {
  readonly label: number;
  readonly voxels: Int32Array;
  readonly volumeMl: number;
}

export interface Preview {
  readonly proposal: Proposal;
  readonly components: readonly Component[];
  readonly volumeMl: number;
  readonly seconds: number;
}

export interface GuideState {
  readonly open: boolean;
  readonly step: Step;
  readonly organ: Organ;
  readonly centreMm: Vec3 | null;
  readonly placed: boolean;
  /** The browser's own numbers; `record` are the server's. */
  readonly values: RoiValues | null;
  readonly record: RoiRecord | null;
  readonly fixedSuv: number;
  readonly computing: boolean;
  readonly preview: Preview | null;
  readonly problem: string | null;
  /** Why the method cannot be used here, once it is recorded. */
  readonly notEvaluable: string | null;
  readonly declined: boolean;
}

export const INITIAL_GUIDE: GuideState = {
  open: false,
  step: 'roi',
  organ: 'liver',
  centreMm: null,
  placed: false,
  values: null,
  record: null,
  fixedSuv: 4,
  computing: false,
  preview: null,
  problem: null,
  notEvaluable: null,
  declined: false,
};

export class Guide {
  readonly state = new Store<GuideState>(INITIAL_GUIDE);
  private readonly placing: Placing;
  private readonly proposals: Proposals;
  private readonly measuring = latest();
  private timer: ReturnType<typeof setTimeout> | null = null;
  private withdrawn: string | null = null;
  private unsubscribe: (() => void) | null = null;

  constructor(private readonly session: ReadingSession) {
    this.placing = new Placing(session, this);
    this.proposals = new Proposals({
      stored: async () => {
        await session.queue.drained();
        return session.editor?.head ?? '';
      },
      post: (question, signal) => postProposal(session.read.id, question, signal),
      record: (kind, data) => session.clock.record(kind, data),
    });
    session.state.subscribe(() => this.followUndo());
  }

  /** Undo takes the statement back, redo gives it again. */
  private followUndo(): void {
    const { undoTool, redoTool } = this.session.state.get();
    const { notEvaluable } = this.state.get();
    if (redoTool === NOT_EVALUABLE && notEvaluable !== null) {
      this.withdrawn = notEvaluable;
      this.state.set({ notEvaluable: null });
    } else if (undoTool === NOT_EVALUABLE && this.withdrawn !== null) {
      const reason = this.withdrawn;
      this.withdrawn = null;
      this.state.set({ notEvaluable: reason });
    }
  }

  toggle(): void {
    if (this.state.get().open) this.close();
    else this.begin();
  }

  begin(organ: Organ = 'liver'): void {
    const { session } = this;
    if (!session.mayEdit() || session.pet === null) return;
    if (!session.read.tools.includes('whole_body')) return session.state.set({ message: TOOL_TEXT.notAllowed });
    if (!session.pet.hasSuv) return session.state.set({ message: GUIDE_TEXT.noSuv });
    session.tools.choose('cross');
    const { notEvaluable, fixedSuv } = this.state.get();
    this.state.set({ ...INITIAL_GUIDE, open: true, organ, notEvaluable, fixedSuv, declined: true });
    this.placing.listen();
    // A preview belongs to the lesions it was made on: an edit drops it, and an answer on its way.
    this.unsubscribe ??= session.editor?.labels.subscribe(() => this.state.get().step === 'segment' && this.back()) ?? null;
  }

  close(): void {
    this.cancel();
    this.placing.stop();
    this.measuring.forget();
    this.state.set({ open: false, step: 'roi', centreMm: null, placed: false, values: null, record: null });
    this.draw();
  }

  decline(): void {
    this.state.set({ declined: true });
  }

  destroy(): void {
    this.unsubscribe?.();
    if (this.timer !== null) clearTimeout(this.timer);
    this.placing.stop();
    this.measuring.forget();
    this.proposals.forget();
  }

  // --- step 1: the sphere ----------------------------------------------------------------------

  chooseOrgan(organ: Organ): void {
    this.cancel();
    this.measuring.forget();
    this.state.set({ step: 'roi', organ, placed: false, record: null, centreMm: null, values: null, problem: null });
    this.placing.listen();
    this.draw();
  }

  /** The pointer moves: the sphere goes with it until it is placed. */
  follow(centreMm: Vec3 | null): void {
    const { step, placed } = this.state.get();
    if (step !== 'roi' || placed) return;
    this.state.set({ centreMm, values: this.valuesAt(centreMm) });
    this.draw();
  }

  place(centreMm: Vec3): void {
    if (this.state.get().step !== 'roi') return;
    this.putAt(centreMm, 0);
  }

  /** One voxel along the pane, or across its slices. */
  nudge(pane: PaneId, direction: 'right' | 'down' | 'across', steps: 1 | -1): void {
    const { planes } = this.session;
    const { centreMm, placed, step } = this.state.get();
    if (planes === null || centreMm === null || !placed || step !== 'roi') return;
    this.putAt(nudged(planes.grid, centreMm, planes.axes[specOf(pane).plane][direction], steps), REST_MS);
  }

  private putAt(centreMm: Vec3, afterMs: number): void {
    const values = this.valuesAt(centreMm);
    this.measuring.forget();
    this.state.set({ centreMm, placed: true, values, record: null, problem: values === null ? GUIDE_TEXT.tooFew : null });
    this.session.moveCursor(this.session.planes?.grid.voxelAt(centreMm) ?? null);
    this.draw();
    if (this.timer !== null) clearTimeout(this.timer);
    if (values !== null) this.timer = setTimeout(() => void this.measure(centreMm), afterMs);
  }

  private async measure(centreMm: Vec3): Promise<void> {
    const { session } = this;
    const { organ } = this.state.get();
    const question = { organ, centre_xyz_mm: [...centreMm], diameter_mm: DIAMETER_MM };
    session.clock.record('computing_begin', { method: 'organ_roi' });
    try {
      const record = await this.measuring.run((signal) => postOrganRoi(session.read.id, question, signal));
      if (record === null) return;
      this.state.set({ record, problem: null });
      session.state.set({ roiRecords: withRecord(session.state.get().roiRecords, record) });
    } catch (error) {
      this.state.set({ problem: messageOf(error) });
    } finally {
      session.clock.record('computing_end', { method: 'organ_roi' });
    }
  }

  private valuesAt(centreMm: Vec3 | null): RoiValues | null {
    const { pet } = this.session;
    return centreMm === null || pet === null ? null : measureSphere(pet.grid, pet.values, centreMm, this.state.get().organ);
  }

  // --- step 2: the whole body ------------------------------------------------------------------

  /** With the threshold of the sphere, or with a fixed SUV where neither organ can be used. */
  async segment(): Promise<void> {
    const { session } = this;
    const { step, record, organ } = this.state.get();
    const fixed = step === 'fallback';
    const fixedSuv = session.read.fallback.suv ?? this.state.get().fixedSuv;
    if ((!fixed && record === null) || session.editor === null || !session.mayEdit()) return;
    this.placing.pause();
    this.state.set({ step: 'segment', computing: true, preview: null, problem: null });
    const begun = performance.now();
    const common = { minimum_ml: MINIMUM_ML, connectivity: CONNECTIVITY, next_label: session.editor.labels.nextLabel() };
    const question = fixed ? { rule: 'fixed', value: fixedSuv, ...common } : { rule: organ, rois: [placeOf(record as RoiRecord)], ...common };
    try {
      const proposal = await this.proposals.ask(WHOLE_BODY, question);
      if (proposal === null) return;
      const components = componentsOf(proposal.patch, session.editor.labels.grid);
      const volumeMl = components.reduce((sum, one) => sum + one.volumeMl, 0);
      const preview = { proposal, components, volumeMl, seconds: (performance.now() - begun) / 1000 };
      this.state.set({ computing: false, preview });
    } catch (error) {
      this.state.set({ computing: false, step: fixed ? 'fallback' : 'roi', problem: messageOf(error) });
      this.placing.listen();
    }
    this.draw();
  }

  accept(): void {
    const { preview, record } = this.state.get();
    if (preview === null || !this.session.mayEdit()) return;
    const { patch, tool, parameters, lesions } = preview.proposal;
    this.placing.stop();
    this.state.set({ preview: null, step: 'correct', notEvaluable: null });
    this.draw();
    // The record of the sphere is stored with the version; the server computes its numbers again.
    const rois = parameters['rois'] ?? (record === null ? [] : [record]);
    this.session.commit({ patch, tool, parameters: { ...parameters, rois }, lesions, select: null });
  }

  /** Back by one step: the answer under way or the preview is dropped, the sphere stays. */
  back(): void {
    const { step, placed } = this.state.get();
    if (step === 'segment') {
      this.cancel();
      this.state.set({ step: this.state.get().record === null ? 'fallback' : 'roi' });
      this.placing.listen();
    } else if (step === 'fallback') this.state.set({ step: 'roi' });
    else if (step === 'roi' && placed) this.chooseOrgan(this.state.get().organ);
    else this.close();
    this.draw();
  }

  /** What goes on: the segmentation, or taking it over. */
  forward(): void {
    const { step, preview, record } = this.state.get();
    if (step === 'segment' && preview !== null) this.accept();
    else if (step === 'roi' && record !== null) void this.segment();
    else if (step === 'correct') this.close();
  }

  private cancel(): void {
    this.proposals.forget();
    if (this.timer !== null) clearTimeout(this.timer);
    this.state.set({ computing: false, preview: null });
  }

  // --- neither organ can be used ---------------------------------------------------------------

  showFallback(): void {
    this.measuring.forget();
    this.state.set({ step: 'fallback', placed: false, centreMm: null, values: null, record: null, problem: null });
    this.draw();
  }

  setFixed(fixedSuv: number): void {
    this.state.set({ fixedSuv });
  }

  /** A statement of the reader with its reason: an edit that changes no voxel. */
  declareNotEvaluable(reason: string): void {
    if (!this.session.mayEdit()) return;
    const parameters = { method: 'semi_automatic', reason, reason_text: GUIDE_TEXT.reasons[reason] ?? reason };
    this.session.commit({ patch: new Uint32Array(0), tool: NOT_EVALUABLE, parameters, statement: true });
    this.state.set({ notEvaluable: reason });
    this.close();
  }

  /** What earlier edits of this read said: newest spheres and the statement, as far as they still stand. */
  recall(edits: readonly { readonly tool: string; readonly parameters: Readonly<Record<string, unknown>> }[]): void {
    const { records, notEvaluable } = recalled(edits);
    this.session.state.set({ roiRecords: records });
    this.state.set({ notEvaluable });
  }

  // --- drawing ---------------------------------------------------------------------------------

  private draw(): void {
    const { planes, mipPane } = this.session;
    const { centreMm, placed, preview, step } = this.state.get();
    const sphere = centreMm !== null && (step === 'roi' || step === 'segment') && planes !== null ? planes.grid.worldToIndex(centreMm) : null;
    planes?.setLayer('sphere', sphere === null ? null : new SphereLayer(sphere, DIAMETER_MM / 2, SPHERE_COLOUR, placed));
    mipPane?.setLayer('sphere', sphere === null ? null : new MipCircle(sphere, DIAMETER_MM / 2, SPHERE_COLOUR));
    const lists = preview === null ? null : new Map(preview.components.map(({ label, voxels }) => [label, voxels] as const));
    planes?.setLayer('proposed', lists === null ? null : new ProposedLayer(lists));
    mipPane?.setLayer('proposed', lists === null ? null : new ProjectedLayer(() => [...lists]));
  }
}

/** Organ, place and size: what the server measures again. */
function placeOf({ organ, centre_xyz_mm, diameter_mm }: RoiRecord): Record<string, unknown> {
  return { organ, centre_xyz_mm: [...centre_xyz_mm], diameter_mm };
}

/** A place one voxel further along an index axis run the given way. */
export function nudged(grid: Grid, mm: Vec3, along: Along, steps: number): Vec3 {
  const index: [number, number, number] = [...grid.worldToIndex(mm)];
  index[along.axis] += along.sign * steps;
  return grid.indexToWorld(index);
}

/** The new lesions of a patch, largest first. */
export function componentsOf(patch: Patch, grid: Grid): Component[] {
  const lists = new Map<number, number[]>();
  forEachRun(patch, (start, length, _before, after) => {
    if (after === 0) return;
    let list = lists.get(after);
    if (list === undefined) lists.set(after, (list = []));
    for (let i = start; i < start + length; i++) list.push(i);
  });
  return [...lists]
    .map(([label, list]) => ({ label, voxels: Int32Array.from(list), volumeMl: list.length * grid.voxelVolumeMl }))
    .sort((a, b) => b.volumeMl - a.volumeMl || a.label - b.label);
}
