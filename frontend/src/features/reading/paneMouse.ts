/** The mouse on a plane: one hand draws, the wheel always scrolls. */

import { clamp, type Vec3 } from '../../viewer/grid';
import type { PaneId } from '../../viewer/panes';
import { specOf } from './planes';
import type { ReadingSession } from './session';
import type { Spot } from './tools/tool';

type Drag =
  | { kind: 'pan' | 'zoom' | 'window' | 'ctWindow'; x: number; y: number; startX: number; startY: number }
  | { kind: 'cross' }
  | { kind: 'tool' };

const WHEEL_NOTCH = 100;
const WINDOW_PER_PIXEL = 0.006;

export class PaneMouse {
  private drag: Drag | null = null;
  private rolled = 0;

  constructor(
    private readonly session: ReadingSession,
    private readonly pane: PaneId,
    private readonly element: HTMLCanvasElement,
  ) {}

  /** Starts listening; gives back what stops it. */
  listen(): () => void {
    const { element } = this;
    const stop = new AbortController();
    const on = <K extends keyof HTMLElementEventMap>(kind: K, handler: (event: HTMLElementEventMap[K]) => void): void =>
      element.addEventListener(kind, handler, { signal: stop.signal, passive: false });
    on('pointerdown', (event) => this.down(event));
    on('pointermove', (event) => this.move(event));
    on('pointerup', () => this.up());
    on('pointercancel', () => this.abandon());
    on('pointerleave', () => this.leave());
    on('wheel', (event) => this.wheel(event));
    on('dblclick', () => this.doubleClick());
    on('contextmenu', (event) => event.preventDefault());
    return () => stop.abort();
  }

  private point(event: MouseEvent): [number, number] {
    const box = this.element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  private down(event: PointerEvent): void {
    const [x, y] = this.point(event);
    event.preventDefault();
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    this.element.setPointerCapture(event.pointerId);
    const at = { x, y, startX: x, startY: y };
    if (event.button === 1) this.drag = { kind: 'pan', ...at };
    else if (event.button === 2) this.drag = { kind: 'zoom', ...at };
    else if (event.button === 0) this.left(x, y, event.shiftKey);
  }

  private left(x: number, y: number, shift: boolean): void {
    const { session, pane } = this;
    const { tool } = session.state.get();
    if (tool === 'window') {
      const ct = shift && specOf(pane).content === 'fused';
      this.drag = { kind: ct ? 'ctWindow' : 'window', x, y, startX: x, startY: y };
    } else if (tool === 'cross') {
      this.drag = { kind: 'cross' };
      session.moveCursor(this.voxel(x, y));
      session.selectUnder(this.voxel(x, y));
    } else {
      const spot = session.tools.spot(pane, x, y, shift);
      if (spot !== null && session.tools.begin(spot)) this.drag = { kind: 'tool' };
    }
  }

  private move(event: PointerEvent): void {
    const [x, y] = this.point(event);
    const { session, pane, drag } = this;
    session.planes?.setPointer({ pane, x, y });
    session.hoverAt(session.planes?.voxelAt(pane, x, y) ?? null);
    if (drag === null) return;
    if (drag.kind === 'cross') session.moveCursor(this.voxel(x, y));
    else if (drag.kind === 'tool') session.tools.move(this.spots(event));
    else this.adjust(drag, x, y);
  }

  /** Points between two frames belong to the stroke too. */
  private spots(event: PointerEvent): Spot[] {
    const events = event.getCoalescedEvents?.() ?? [];
    return (events.length > 0 ? events : [event]).flatMap((one) => {
      const [x, y] = this.point(one);
      return this.session.tools.spot(this.pane, x, y, one.shiftKey) ?? [];
    });
  }

  private adjust(drag: Extract<Drag, { x: number }>, x: number, y: number): void {
    const { session, pane } = this;
    const [dx, dy] = [x - drag.x, y - drag.y];
    drag.x = x;
    drag.y = y;
    if (drag.kind === 'pan') session.planes?.pan(pane, dx, dy);
    else if (drag.kind === 'zoom') session.planes?.zoom(pane, drag.startX, drag.startY, Math.exp(-dy * 0.008));
    else if (drag.kind === 'window') {
      const { lower, upper } = session.state.get().petWindow;
      // Up is darker on inverse grey: the upper bound falls. Sideways moves the lower bound.
      const nextUpper = clamp(upper * Math.exp(dy * WINDOW_PER_PIXEL), 0.1, 1e7);
      const nextLower = clamp(lower + dx * nextUpper * 0.002, 0, nextUpper * 0.9);
      session.setPetWindow({ lower: nextLower, upper: nextUpper }, false);
    } else {
      const { lower, upper } = session.state.get().ctWindow;
      const width = Math.max(1, upper - lower + dx * 4);
      const level = (upper + lower) / 2 + dy * 2;
      session.setCtWindow({ lower: level - width / 2, upper: level + width / 2 });
    }
  }

  private up(): void {
    const { session, drag } = this;
    this.drag = null;
    if (drag?.kind === 'tool') {
      session.tools.end();
      session.hoverAgain();
    } else if (drag?.kind === 'window' || drag?.kind === 'ctWindow') session.windowChosen();
  }

  private abandon(): void {
    if (this.drag?.kind === 'tool') this.session.tools.cancel();
    this.drag = null;
  }

  private leave(): void {
    if (this.drag !== null) return;
    this.session.planes?.setPointer(null);
    this.session.hoverAt(null);
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? event.deltaY : event.deltaY * 33;
    this.rolled += pixels;
    // A mouse wheel gives a whole notch at once, a touchpad many small ones.
    const notches = Math.abs(pixels) >= WHEEL_NOTCH / 2 ? Math.sign(pixels) * Math.max(1, Math.round(Math.abs(pixels) / WHEEL_NOTCH)) : Math.trunc(this.rolled / WHEEL_NOTCH);
    if (notches === 0) return;
    this.rolled = 0;
    if (event.ctrlKey) this.session.tools.step(-notches);
    else this.session.scroll(this.pane, notches);
  }

  private doubleClick(): void {
    const { tool } = this.session.state.get();
    if (tool !== 'window' && tool !== 'cross') return;
    this.session.toggleMaximised(this.pane);
  }

  private voxel(x: number, y: number): Vec3 | null {
    return this.session.planes?.voxelAt(this.pane, x, y) ?? null;
  }
}
