/** The mouse on the MIP: wheel and drag turn it, a click jumps all planes to what is seen there. */

import type { ReadingSession } from './session';

const PIXELS_PER_FRAME = 9;
const CLICK_SLACK = 4;
const ZOOM_PER_PIXEL = 0.008;

export function listenToMip(session: ReadingSession, element: HTMLCanvasElement): () => void {
  const stop = new AbortController();
  let start: { x: number; y: number; turned: number } | null = null;
  let look: { by: 'pan' | 'zoom'; x: number; y: number; startX: number; startY: number } | null = null;
  const point = (event: MouseEvent): [number, number] => {
    const box = element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const on = <K extends keyof HTMLElementEventMap>(kind: K, handler: (event: HTMLElementEventMap[K]) => void): void =>
    element.addEventListener(kind, handler, { signal: stop.signal, passive: false });
  on('wheel', (event) => {
    event.preventDefault();
    if (event.ctrlKey) session.tools.step(-Math.sign(event.deltaY));
    else session.mipPane?.turn(Math.sign(event.deltaY));
  });
  on('pointerdown', (event) => {
    const [x, y] = point(event);
    if (event.button !== 0) {
      event.preventDefault();
      look = { by: event.button === 1 ? 'pan' : 'zoom', x, y, startX: x, startY: y };
      element.setPointerCapture(event.pointerId);
      return;
    }
    start = { x, y, turned: 0 };
    element.setPointerCapture(event.pointerId);
  });
  on('pointermove', (event) => {
    const [x, y] = point(event);
    session.pointAtMip(x, y);
    if (look !== null) {
      if (look.by === 'pan') session.mipPane?.pan(x - look.x, y - look.y);
      else session.mipPane?.zoom(look.startX, look.startY, Math.exp((look.y - y) * ZOOM_PER_PIXEL));
      look = { ...look, x, y };
    }
    if (start === null) return;
    // The front of the patient follows the hand.
    const turned = Math.round((start.x - x) / PIXELS_PER_FRAME);
    session.mipPane?.turn(turned - start.turned);
    start.turned = turned;
  });
  on('pointerup', (event) => {
    const [x, y] = point(event);
    const clicked = start !== null && Math.hypot(x - start.x, y - start.y) <= CLICK_SLACK;
    start = null;
    look = null;
    if (clicked) session.jumpFromMip(x, y);
  });
  on('pointerleave', () => session.leaveMip());
  on('dblclick', () => session.toggleMaximised('mip'));
  on('contextmenu', (event) => event.preventDefault());
  return () => stop.abort();
}
