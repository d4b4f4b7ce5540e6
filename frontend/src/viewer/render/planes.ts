/** The four planes on Cornerstone3D volume viewports. Nothing of Cornerstone3D is seen outside this folder. */

import {
  Enums,
  init as initCornerstone,
  RenderingEngine,
  setVolumesForViewports,
  type Types,
  utilities,
  type VolumeViewport,
} from '@cornerstonejs/core';

import { type Display, PANES, type PaneId, type PaneSpec } from '../panes';
import type { PlaneView } from '../planeView';
import { type Elements, fusionPoints, HOT_IRON_POINTS, type PlaneDrawer, type Rendered } from './renderer';
import { addVolume, type ImageVolume, removeVolume } from './volumes';

const HOT_IRON = 'petreview-hot-iron';
/** The camera only has to stand outside the volume; the projection is parallel. */
const CAMERA_DISTANCE_MM = 2000;

let ready: Promise<void> | null = null;
let engines = 0;

/** Loads and starts Cornerstone3D once a page; call it early, it takes part of a second. */
export function prepareRendering(): Promise<void> {
  ready ??= (async () => {
    // One shared context: every volume is uploaded once, not once a pane.
    await initCornerstone({ rendering: { renderingEngineMode: Enums.RenderingEngineModeEnum.Tiled } } as never);
    utilities.colormap.registerColormap({ Name: HOT_IRON, ColorSpace: 'RGB', RGBPoints: HOT_IRON_POINTS } as never);
  })();
  return ready;
}

export class PlaneRenderer implements PlaneDrawer {
  private readonly engine: RenderingEngine;
  private readonly volumes: string[] = [];
  private pet: ImageVolume | null = null;
  private ct: ImageVolume | null = null;
  private display: Display;
  private destroyed = false;

  constructor(
    private readonly elements: Elements,
    display: Display,
    onRendered: Rendered,
  ) {
    engines += 1;
    this.display = display;
    this.engine = new RenderingEngine(`reading-room-${engines}`);
    this.engine.setViewports(PANES.map((pane) => this.viewportInput(pane)));
    for (const { id } of PANES) {
      elements[id].addEventListener(Enums.Events.IMAGE_RENDERED, () => onRendered(id));
    }
  }

  async showPet(volume: ImageVolume): Promise<void> {
    this.add(volume);
    this.pet = volume;
    await setVolumesForViewports(
      this.engine,
      [{ volumeId: volume.id, blendMode: Enums.BlendModes.MAXIMUM_INTENSITY_BLEND }],
      ALL,
    );
    this.applyDisplay();
    await this.uploaded(ALL);
  }

  async showCt(volume: ImageVolume): Promise<void> {
    const { pet } = this;
    if (pet === null || this.destroyed) return;
    this.add(volume);
    this.ct = volume;
    // Maximum intensity: composited, a thin slab would give the PET a fraction of its opacity.
    await setVolumesForViewports(
      this.engine,
      [{ volumeId: volume.id }, { volumeId: pet.id, blendMode: Enums.BlendModes.MAXIMUM_INTENSITY_BLEND }],
      FUSED,
    );
    this.applyDisplay();
    await this.uploaded(FUSED);
  }

  setDisplay(display: Display): void {
    this.display = display;
    this.applyDisplay();
  }

  setView(pane: PaneId, view: PlaneView, slice: number): void {
    if (this.destroyed || this.pet === null) return;
    const focal = view.focalPoint(slice);
    const { normal, up } = view.vectors;
    this.viewport(pane).setCamera({
      focalPoint: [...focal],
      position: [
        focal[0] + normal[0] * CAMERA_DISTANCE_MM,
        focal[1] + normal[1] * CAMERA_DISTANCE_MM,
        focal[2] + normal[2] * CAMERA_DISTANCE_MM,
      ],
      viewPlaneNormal: [...normal],
      viewUp: [...up],
      parallelScale: view.parallelScale,
    });
  }

  render(panes: readonly PaneId[]): void {
    if (!this.destroyed && this.pet !== null) this.engine.renderViewports([...panes]);
  }

  resize(): void {
    if (!this.destroyed) this.engine.resize(false, true);
  }

  worldToCanvas(pane: PaneId, world: readonly [number, number, number]): [number, number] {
    const [x, y] = this.viewport(pane).worldToCanvas([...world]);
    return [x, y];
  }

  destroy(): void {
    this.destroyed = true;
    this.engine.destroy();
    this.volumes.forEach(removeVolume);
  }

  /**
   * A volume's texture is filled while the first pane is drawn, and that pane shows it half filled:
   * what is drawn after this resolves is complete.
   */
  private async uploaded(panes: readonly PaneId[]): Promise<void> {
    const drawn = panes.map(
      (pane) =>
        new Promise<void>((resolve) =>
          this.elements[pane].addEventListener(Enums.Events.IMAGE_RENDERED, () => resolve(), { once: true }),
        ),
    );
    this.engine.renderViewports([...panes]);
    await Promise.all(drawn);
  }

  private add(volume: ImageVolume): void {
    addVolume(volume);
    this.volumes.push(volume.id);
  }

  private viewport(pane: PaneId): VolumeViewport {
    return this.engine.getViewport(pane) as VolumeViewport;
  }

  private viewportInput({ id, plane, content }: PaneSpec): Types.PublicViewportInput {
    const orientation = {
      axial: Enums.OrientationAxis.AXIAL,
      coronal: Enums.OrientationAxis.CORONAL,
      sagittal: Enums.OrientationAxis.SAGITTAL,
    }[plane];
    return {
      viewportId: id,
      type: Enums.ViewportType.ORTHOGRAPHIC,
      element: this.elements[id],
      defaultOptions: { orientation, background: content === 'pet' ? [1, 1, 1] : [0, 0, 0] },
    };
  }

  private applyDisplay(): void {
    const { pet, ct } = this;
    if (this.destroyed || pet === null) return;
    const { petWindow, ctWindow, ctAlone, fusion } = this.display;
    const voiRange = { ...petWindow };
    for (const { id, content } of PANES) {
      const viewport = this.viewport(id);
      if (content === 'pet') {
        viewport.setProperties({ voiRange, invert: true }, pet.id);
        continue;
      }
      const share = ct === null ? 1 : ctAlone ? 0 : fusion;
      viewport.setProperties({ voiRange, colormap: { name: HOT_IRON, opacity: fusionPoints(this.display, share) } }, pet.id);
      if (ct !== null) viewport.setProperties({ voiRange: { ...ctWindow } }, ct.id);
    }
  }
}

const ALL = PANES.map((pane) => pane.id);
const FUSED = PANES.filter((pane) => pane.content === 'fused').map((pane) => pane.id);
