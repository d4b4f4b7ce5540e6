/** One tab of a browser edits a read at a time. The lock goes with the tab, however it ends. */

interface Held {
  readonly read: string;
  release(): void;
  onLost: () => void;
}

let held: Held | null = null;
const nameOf = (read: string): string => `petreview-read-${read}`;

/** Locks exist in secure contexts only; without them the server is the one that tells. */
export const hasLocks = (): boolean => 'locks' in navigator;

/** True when this tab may edit the read from now on. `steal` takes it from another tab. */
export function claim(read: string, onLost: () => void, steal = false): Promise<boolean> {
  if (!hasLocks()) return Promise.resolve(true);
  if (held?.read === read) {
    held.onLost = onLost;
    return Promise.resolve(true);
  }
  return request(read, onLost, steal ? { steal } : { ifAvailable: true });
}

/** Resolves when the other tab has left the read; this tab holds it then. */
export async function untilFree(read: string, onLost: () => void, signal: AbortSignal): Promise<boolean> {
  try {
    return await request(read, onLost, { signal });
  } catch {
    return false;
  }
}

/** Gives the read back, unless the room was only loaded again. */
export function giveBack(read: string, onLost: () => void): void {
  setTimeout(() => {
    if (held?.read !== read || held.onLost !== onLost) return;
    held.release();
    held = null;
  }, 0);
}

function request(read: string, onLost: () => void, options: LockOptions): Promise<boolean> {
  return new Promise<boolean>((resolve, reject) => {
    const keep = (lock: Lock | null): Promise<void> | undefined => {
      if (lock === null) {
        resolve(false);
        return undefined;
      }
      return new Promise<void>((release) => {
        held = { read, release, onLost };
        resolve(true);
      });
    };
    navigator.locks.request(nameOf(read), options, keep).catch((error: unknown) => {
      reject(error instanceof Error ? error : new Error(String(error)));
      // Stolen by another tab: the one that had it is told.
      if (held?.read === read && held.onLost !== undefined && !(options.signal?.aborted ?? false)) {
        const lost = held.onLost;
        held = null;
        lost();
      }
    });
  });
}
