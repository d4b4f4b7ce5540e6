/** The tools of the room: which one is active, and who gets keys, wheel and pointer. */

import type { Vec3 } from '../../../viewer/grid';
import type { PaneId } from '../../../viewer/panes';
import type { PlaneView } from '../../../viewer/planeView';
import type { PaneLayer } from '../../../viewer/render/overlay';
import type { MipLayer } from '../mipPane';
import { specOf } from '../planes';
import type { ReadingSession } from '../session';
import { Store } from '../store';
import { AddTool } from './addTool';
import { isOffered, withinPlan } from './allowed';
import { makeBench } from './bench';
import { BrushTool } from './brushTool';
import { CutTool } from './cutTool';
import { DescribeTool } from './describeTool';
import { MergeTool } from './mergeTool';
import { INITIAL_OPTIONS, type ToolOptions } from './options';
import { paintRegion } from './painting';
import { PreviewOutlines } from './previewOutlines';
import { PhysiologicalTool } from './physiologicalTool';
import { ReshapeTool } from './reshapeTool';
import { SphereTool } from './sphereTool';
import { SplitTool } from './splitTool';
import { TOOL_TEXT } from './text';
import type { Bench, EditingTool, EditingToolName, Spot, ToolCanvas, ToolName } from './tool';
import { VoiTool } from './voiTool';

interface Tools {
  readonly add: AddTool;
  readonly brush: BrushTool;
  readonly erase: BrushTool;
  readonly sphere: SphereTool;
  readonly voi: VoiTool;
  readonly split: SplitTool;
  readonly cut: CutTool;
  readonly merge: MergeTool;
  readonly physiological: PhysiologicalTool;
  readonly reshape: ReshapeTool;
  readonly describe: DescribeTool;
}

/** Every editing tool. A new one is a class and a line here, in tables.ts and in panels.tsx. */
function makeTools(bench: Bench): Tools & Record<EditingToolName, EditingTool> {
  return {
    add: new AddTool(bench),
    brush: new BrushTool('brush', bench),
    erase: new BrushTool('erase', bench),
    sphere: new SphereTool(bench),
    voi: new VoiTool(bench),
    split: new SplitTool(bench),
    cut: new CutTool(bench),
    merge: new MergeTool(bench),
    physiological: new PhysiologicalTool(bench),
    reshape: new ReshapeTool(bench),
    describe: new DescribeTool(bench),
  };
}

export class Toolbox {
  readonly options = new Store<ToolOptions>(INITIAL_OPTIONS);
  private made: ReturnType<typeof makeTools> | null = null;

  constructor(private readonly session: ReadingSession) {}

  /** Null while the voxels are not here yet: nothing can be edited then. */
  get all(): Tools | null {
    return this.tools;
  }

  get active(): EditingTool | null {
    const { tool } = this.session.state.get();
    return tool === 'window' || tool === 'cross' ? null : (this.tools?.[tool] ?? null);
  }

  /** Takes up a tool, with what lies under the pointer. Choosing the active one again starts it anew. */
  choose(name: ToolName, under: Spot | null = this.underPointer()): void {
    const { state } = this.session;
    this.cancel();
    if (!isOffered(name, this.session.read.tools)) return state.set({ message: TOOL_TEXT.notAllowed });
    if (name !== 'window' && name !== 'cross' && !this.session.mayEdit()) return;
    this.options.set(withinPlan(this.options.get(), this.session.read.tools));
    state.set({ tool: name });
    this.active?.enter?.(under);
  }

  begin(spot: Spot): boolean {
    const tool = this.active;
    if (tool?.begin === undefined || !this.session.mayEdit()) return false;
    tool.begin(spot);
    return true;
  }

  move(spots: readonly Spot[]): void {
    this.active?.move?.(spots);
  }

  end(): void {
    this.active?.end?.();
  }

  step(notches: number): void {
    this.active?.step?.(notches);
  }

  resize(steps: number): void {
    this.active?.resize?.(steps);
  }

  /** A key of the active tool itself. False: the key is the room's. */
  key(key: string): boolean {
    const action = this.active?.keys?.[key];
    action?.();
    return action !== undefined;
  }

  set(change: Partial<ToolOptions>): void {
    this.options.set(change);
    this.active?.refresh?.();
    this.session.planes?.repaintTools();
  }

  accept(): void {
    const { preview } = this.session.state.get();
    if (preview === null || preview.busy || preview.problem !== null || !this.session.mayEdit()) return;
    this.active?.accept?.();
    this.session.hoverAgain();
  }

  /** Drops what is drawn or previewed; false when there was nothing. */
  cancel(): boolean {
    const any = this.active?.cancel?.() ?? false;
    if (this.session.state.get().preview !== null) this.session.state.set({ preview: null });
    return any;
  }

  /** What the tool has drawn so far goes back piece by piece before any edit does. */
  back(): boolean {
    const tool = this.active;
    if (tool?.back?.()) return true;
    return this.session.state.get().preview !== null && this.cancel();
  }

  /** A: what lies under the pointer, on the MIP too. */
  addUnderPointer(): void {
    const { mipPointer } = this.session;
    if (mipPointer === null) return this.choose('add');
    this.choose('add', null);
    if (this.active?.name !== 'add') return;
    const voxel = this.session.hottestBehind(mipPointer.x, mipPointer.y);
    if (voxel === null || this.tools === null) return;
    this.tools.add.plant(voxel, 'mip');
    this.session.moveCursor(voxel);
  }

  spot(pane: PaneId, x: number, y: number, shift = false): Spot | null {
    const { planes } = this.session;
    if (planes === null) return null;
    const axes = planes.axes[specOf(pane).plane];
    return { pane, x, y, index: planes.indexAt(pane, x, y), voxel: planes.voxelAt(pane, x, y), axes, shift };
  }

  /** What lies under the pointer: a place in a plane, or the hottest voxel behind it on the MIP. */
  underPointer(): Spot | null {
    const { planes, mipPointer } = this.session;
    if (mipPointer !== null && planes !== null) {
      const voxel = this.lesionOnMip() ?? this.session.hottestBehind(mipPointer.x, mipPointer.y);
      return voxel === null ? null : { pane: 'axialPet', x: 0, y: 0, index: voxel, voxel, axes: planes.axes.axial, shift: false };
    }
    const mark = planes?.pointer ?? null;
    return mark === null ? null : this.spot(mark.pane, mark.x, mark.y);
  }

  /** What is not an edit yet, over the planes. */
  readonly layer: PaneLayer = {
    paint: (context, view, slice) => {
      const canvas: ToolCanvas = { context, view, slice, pointer: this.pointerOn(view) };
      for (const region of this.session.state.get().preview?.regions ?? []) paintRegion(canvas, region);
      this.active?.paint?.(canvas);
    },
  };

  /** The same over the MIP: a region that leaks out of the slice is seen before it is accepted. */
  readonly mipLayer: MipLayer = new PreviewOutlines(() => this.session.state.get().preview?.regions ?? []);

  private pointerOn({ axes }: PlaneView): Vec3 | null {
    const { planes } = this.session;
    const mark = planes?.pointer ?? null;
    return mark !== null && planes !== null && specOf(mark.pane).plane === axes.plane ? planes.indexAt(mark.pane, mark.x, mark.y) : null;
  }

  /** A voxel of the lesion that is seen under the pointer on the MIP. */
  private lesionOnMip(): Vec3 | null {
    const { mipPointer, mipPane, editor } = this.session;
    const label = mipPointer === null ? 0 : (mipPane?.labelAt(mipPointer.x, mipPointer.y) ?? 0);
    const index = label === 0 ? undefined : editor?.labels.voxels(label)[0];
    return index === undefined || editor === null ? null : editor.labels.grid.unflat(index);
  }

  private get tools(): ReturnType<typeof makeTools> | null {
    if (this.made === null) {
      const bench = makeBench(this.session);
      if (bench !== null) this.made = makeTools(bench);
    }
    return this.made;
  }
}
