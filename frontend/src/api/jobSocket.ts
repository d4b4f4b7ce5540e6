import { type JobMessage, parseJobMessage } from './jobMessages';

export type SocketState = 'connecting' | 'open' | 'lost';

export interface SocketListener {
  onMessage: (message: JobMessage) => void;
  onState: (state: SocketState) => void;
  /** The server ended the session; nothing more will come. */
  onSignedOut: () => void;
}

const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 30_000;
const SIGNED_OUT = 4401;

/** Wait before try `attempt` (from 0): doubled each time, spread by up to a half so that pages do not come back together. */
export function reconnectDelay(attempt: number, random: () => number = Math.random): number {
  const delay = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt);
  return delay * (0.75 + random() / 2);
}

export function jobSocketUrl(location: Pick<Location, 'protocol' | 'host'>): string {
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws/jobs/`;
}

/** Listens to /ws/jobs/ until the returned function is called; a lost connection is taken up again. */
export function listenToJobs(url: string, listener: SocketListener, make = (u: string) => new WebSocket(u)): () => void {
  let attempt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let socket: WebSocket | undefined;
  let stopped = false;

  const connect = (): void => {
    listener.onState('connecting');
    socket = make(url);
    socket.onopen = () => {
      attempt = 0;
      listener.onState('open');
    };
    socket.onmessage = (event: MessageEvent<unknown>) => {
      const message = typeof event.data === 'string' ? parseJobMessage(event.data) : null;
      if (message !== null) listener.onMessage(message);
    };
    socket.onclose = (event) => {
      if (stopped) return;
      if (event.code === SIGNED_OUT) {
        listener.onSignedOut();
        return;
      }
      listener.onState('lost');
      timer = setTimeout(connect, reconnectDelay(attempt));
      attempt += 1;
    };
  };

  connect();
  return () => {
    stopped = true;
    clearTimeout(timer);
    socket?.close();
  };
}
