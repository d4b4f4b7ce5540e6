/** A small store for what changes faster than React should own it: the pointer, the crosshair, the edits. */

import { useSyncExternalStore } from 'react';

export class Store<T extends object> {
  private value: T;
  private readonly listeners = new Set<() => void>();

  constructor(initial: T) {
    this.value = initial;
  }

  get = (): T => this.value;

  set(change: Partial<T>): void {
    this.value = { ...this.value, ...change };
    for (const listener of [...this.listeners]) listener();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
}

/** The reading half of a store. */
export type Readable<T extends object> = Pick<Store<T>, 'get' | 'subscribe'>;

/** Renders again when the selected part changes (by identity). */
export function useStore<T extends object, S>(store: Readable<T>, select: (value: T) => S): S {
  return useSyncExternalStore(store.subscribe, () => select(store.get()));
}
