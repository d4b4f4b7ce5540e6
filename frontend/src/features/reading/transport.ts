/** How events leave the page. */

import { csrfHeaders } from '../../api/client';
import { postEvents } from '../../api/endpoints/reads';
import type { EventTransport } from './clock/eventQueue';

export function eventTransport(read: string): EventTransport {
  return {
    send: (events) => postEvents(read, events),
    // sendBeacon cannot carry the CSRF header; fetch with keepalive survives the page as well.
    sendLast: (events) => {
      void fetch(`/api/reads/${read}/events/`, {
        method: 'POST',
        keepalive: true,
        credentials: 'same-origin',
        headers: { 'Content-Type': 'application/json', ...csrfHeaders('POST') },
        body: JSON.stringify({ events }),
      }).catch(() => undefined);
    },
  };
}
