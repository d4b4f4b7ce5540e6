/** Brings what the reading room needs while the reader still looks at the worklist. */

import { loadDrawer } from './opening';

let started = false;

/** Does nothing a second time; a failure shows when the room is opened, not here. */
export function preloadReadingRoom(): void {
  if (started) return;
  started = true;
  const load = (): void => {
    loadDrawer().catch((error: unknown) => {
      started = false;
      console.warn('The reading room could not be loaded ahead.', error);
    });
  };
  if ('requestIdleCallback' in globalThis) requestIdleCallback(load, { timeout: 3000 });
  else setTimeout(load, 500);
}
