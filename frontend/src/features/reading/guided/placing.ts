/** Mouse and keys while the guided path is open: they come here before the tools get them. */

import type { Vec3 } from '../../../viewer/grid';
import { PANES, type PaneId } from '../../../viewer/panes';
import type { ReadingSession } from '../session';
import type { Guide } from './guide';

const NUDGES: Readonly<Record<string, readonly ['right' | 'down' | 'across', 1 | -1]>> = {
  ArrowRight: ['right', 1],
  ArrowLeft: ['right', -1],
  ArrowDown: ['down', 1],
  ArrowUp: ['down', -1],
  PageUp: ['across', 1],
  PageDown: ['across', -1],
};

export class Placing {
  private stopping: AbortController | null = null;
  private paused = false;

  constructor(
    private readonly session: ReadingSession,
    private readonly guide: Guide,
  ) {}

  listen(): void {
    this.paused = false;
    if (this.stopping !== null) return;
    const { signal } = (this.stopping = new AbortController());
    window.addEventListener('pointermove', (event) => this.move(event), { signal });
    window.addEventListener('pointerdown', (event) => this.down(event), { signal, capture: true });
    window.addEventListener('keydown', (event) => this.key(event), { signal, capture: true });
  }

  /** The sphere stays where it is; keys still step through the path. */
  pause(): void {
    this.paused = true;
  }

  stop(): void {
    this.stopping?.abort();
    this.stopping = null;
  }

  private move(event: PointerEvent): void {
    if (this.paused || event.buttons !== 0) return;
    this.guide.follow(this.placeAt(event));
  }

  private down(event: PointerEvent): void {
    if (this.paused || event.button !== 0 || this.guide.state.get().step !== 'roi') return;
    const place = this.placeAt(event);
    if (place === null) return;
    event.preventDefault();
    event.stopPropagation();
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    this.guide.place(place);
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || isTaken(event)) return;
    const nudge = NUDGES[event.key];
    const { step, placed } = this.guide.state.get();
    if (nudge !== undefined) {
      if (step !== 'roi' || !placed) return;
      this.guide.nudge(this.session.planes?.pointer?.pane ?? 'axialPet', ...nudge);
    } else if (event.key === 'Escape' && step !== 'correct') this.guide.back();
    else if (event.key === 'Enter' && step !== 'correct') this.guide.forward();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** The place under the pointer in a plane, LPS mm; null elsewhere and outside the image. */
  private placeAt(event: PointerEvent): Vec3 | null {
    const { planes } = this.session;
    const element = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-pane]') : null;
    const pane = PANES.find(({ id }) => id === element?.dataset['pane'])?.id;
    if (planes === null || element === null || pane === undefined || !(event.target instanceof HTMLCanvasElement)) return null;
    return placeIn(this.session, pane, event, element);
  }
}

function placeIn({ planes }: ReadingSession, pane: PaneId, event: PointerEvent, element: HTMLElement): Vec3 | null {
  const box = element.getBoundingClientRect();
  const [x, y] = [event.clientX - box.left, event.clientY - box.top];
  if (planes === null || planes.voxelAt(pane, x, y) === null) return null;
  return planes.grid.indexToWorld(planes.indexAt(pane, x, y));
}

/** Fields, dialogs and pressed buttons keep their keys. */
function isTaken(event: KeyboardEvent): boolean {
  const target = event.target instanceof HTMLElement ? event.target : null;
  if (target === null) return false;
  if (target.closest('input, textarea, select, dialog, [data-own-keys]') !== null) return true;
  return event.key === 'Enter' && target.closest('button, a, [tabindex="0"]') !== null;
}
