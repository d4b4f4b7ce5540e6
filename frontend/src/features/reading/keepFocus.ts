import type { MouseEvent } from 'react';

/** A mouse click leaves the focus where it is, so that Space and Enter stay the room's own keys. */
export function keepFocus(event: MouseEvent): void {
  event.preventDefault();
}
