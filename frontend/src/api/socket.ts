/** A socket of the server that is listened to: lost connections are taken up again, nothing is ever sent. */

export type SocketState = 'connecting' | 'open' | 'lost';

export interface SocketListener {
  /** Parsed JSON; what is not JSON is dropped. */
  onMessage: (message: unknown) => void;
  onState: (state: SocketState) => void;
  /** The server ended the session; nothing more will come. */
  onSignedOut?: () => void;
}

const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 30_000;
const SIGNED_OUT = 4401;

/** Wait before try `attempt` (from 0): doubled each time, spread by up to a half so that pages do not come back together. */
export function reconnectDelay(attempt: number, random: () => number = Math.random): number {
  const delay = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt);
  return delay * (0.75 + random() / 2);
}

export function socketUrl(path: string, location: Pick<Location, 'protocol' | 'host'> = window.location): string {
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${path}`;
}

/** Listens until the returned function is called. */
export function listenToSocket(url: string, listener: SocketListener, make = (u: string) => new WebSocket(u)): () => void {
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
      const message = typeof event.data === 'string' ? parse(event.data) : undefined;
      if (message !== undefined) listener.onMessage(message);
    };
    socket.onclose = (event) => {
      if (stopped) return;
      if (event.code === SIGNED_OUT) {
        listener.onSignedOut?.();
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

function parse(data: string): unknown {
  try {
    return JSON.parse(data) as unknown;
  } catch {
    return undefined;
  }
}
