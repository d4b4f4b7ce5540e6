/** Every key of the reading room. Keys are left alone while a field or a dialog has the focus. */

import type { ReadingSession } from './session';
import { SUV_KEYS } from './state';
import type { ToolName } from './tools/tool';

type Action = (session: ReadingSession) => void;

const choose = (tool: ToolName): Action => (session) => session.tools.choose(tool);

const PLAIN: Readonly<Record<string, Action>> = {
  w: choose('window'),
  x: choose('cross'),
  a: (session) => session.tools.addUnderPointer(),
  b: choose('brush'),
  e: choose('erase'),
  o: choose('sphere'),
  i: choose('voi'),
  s: choose('split'),
  k: choose('cut'),
  m: choose('merge'),
  p: choose('physiological'),
  h: choose('reshape'),
  n: choose('describe'),
  q: (session) => session.state.set({ moreTools: !session.state.get().moreTools }),
  Delete: (session) => session.lesions.deleteHere(),
  Backspace: (session) => session.lesions.deleteHere(),
  Enter: (session) => session.tools.accept(),
  Escape: (session) => (session.tools.cancel() ? undefined : session.state.set({ maximised: null, message: null, moreTools: false })),
  '[': (session) => session.tools.resize(-1),
  ']': (session) => session.tools.resize(1),
  g: (session) => session.guide.toggle(),
  y: (session) => session.compare.toggle(),
  u: (session) => session.disagreement.toggle(),
  c: (session) => session.state.set({ ctAlone: !session.state.get().ctAlone }),
  f: (session) => session.state.set({ fill: !session.state.get().fill }),
  l: (session) => session.nextLayout(),
  v: (session) => toggleLarge(session),
  ',': (session) => session.setFusion(-0.1),
  '.': (session) => session.setFusion(0.1),
  F6: () => focusNextRegion(),
  r: (session) => session.fitAll(),
  '?': (session) => session.state.set({ dialog: 'keys' }),
  '0': (session) => session.resetWindow(),
  '9': (session) => session.windowToThreshold(),
  j: (session) => session.mipPane?.play(!session.state.get().playing),
  ArrowUp: (session) => scrollUnderPointer(session, -1),
  ArrowDown: (session) => scrollUnderPointer(session, 1),
  ArrowLeft: (session) => session.mipPane?.turn(-1),
  ArrowRight: (session) => session.mipPane?.turn(1),
};

function toggleLarge(session: ReadingSession): void {
  const { maximised } = session.state.get();
  const under = session.mipPointer !== null ? 'mip' : (session.planes?.pointer?.pane ?? 'axialFused');
  session.state.set({ maximised: maximised === null ? under : null });
}

/** Tab steps through lesions, so F6 brings the focus to bar, panel and tools in turn. */
function focusNextRegion(): void {
  const regions = [...document.querySelectorAll<HTMLElement>('[data-region]')];
  const at = regions.findIndex((region) => region.contains(document.activeElement));
  const next = regions[(at + 1) % regions.length];
  next?.querySelector<HTMLElement>('a[href], button:not(:disabled), input:not(:disabled)')?.focus();
}

function scrollUnderPointer(session: ReadingSession, notches: number): void {
  session.scroll(session.planes?.pointer?.pane ?? 'axialFused', notches);
}

function withControl(session: ReadingSession, event: KeyboardEvent): boolean {
  const key = event.key.toLowerCase();
  if (key === 'z' && !event.shiftKey) session.lesions.undo();
  else if (key === 'y' || key === 'z') session.lesions.redo();
  else return false;
  return true;
}

function plain(session: ReadingSession, event: KeyboardEvent): boolean {
  if (event.shiftKey && event.code === 'KeyP') {
    session.setPaused(!session.state.get().paused);
    return true;
  }
  if (event.key === 'Tab') {
    session.selectNext(event.shiftKey ? -1 : 1);
    return true;
  }
  if (event.key === ' ') {
    session.state.set({ overlaysHidden: true });
    return true;
  }
  const upper = /^[1-8]$/.test(event.key) ? SUV_KEYS[Number(event.key) - 1] : undefined;
  if (upper !== undefined) {
    session.setUpper(upper);
    return true;
  }
  const preset = event.shiftKey ? /^Digit([1-5])$/.exec(event.code) : null;
  if (preset !== null) {
    session.setCtPreset(Number(preset[1]) - 1);
    return true;
  }
  if (session.read.state === 'submitted' && event.key.toLowerCase() === 'n') {
    session.openNext?.();
    return true;
  }
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  // The active tool's own keys come before the room's.
  if (session.tools.key(key)) return true;
  const action = PLAIN[key];
  action?.(session);
  return action !== undefined;
}

/** True where keys belong to what has the focus: fields, dialogs, the score panel, buttons for Enter and Space. */
function isTaken(event: KeyboardEvent): boolean {
  const target = event.target instanceof HTMLElement ? event.target : null;
  if (target === null) return false;
  if (target.closest('input, textarea, select, dialog, [data-own-keys]') !== null) return true;
  const onControl = target.closest('button, a, [tabindex="0"]') !== null;
  return onControl && (event.key === 'Enter' || event.key === ' ' || event.key === 'Tab');
}

export function listenToKeys(session: ReadingSession): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  window.addEventListener(
    'keydown',
    (event) => {
      if (event.altKey || event.defaultPrevented || isTaken(event)) return;
      if (session.state.get().paused && event.code !== 'KeyP') return;
      const handled = event.ctrlKey || event.metaKey ? withControl(session, event) : plain(session, event);
      if (handled) event.preventDefault();
    },
    { signal },
  );
  const showAgain = (): void => {
    if (session.state.get().overlaysHidden) session.state.set({ overlaysHidden: false });
  };
  window.addEventListener('keyup', (event) => event.key === ' ' && showAgain(), { signal });
  window.addEventListener('blur', showAgain, { signal });
  return () => stop.abort();
}
