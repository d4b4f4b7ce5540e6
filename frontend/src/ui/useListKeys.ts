import { useEffect, useState } from 'react';

const STEP: Readonly<Record<string, number>> = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input, textarea, select, dialog, [contenteditable]') !== null;
}

/** Where the mark goes from `index` on a key; it stops at both ends. Null when the key moves nothing. */
export function movedIndex(key: string, index: number, count: number): number | null {
  if (count === 0) return null;
  if (key === 'Home') return 0;
  if (key === 'End') return count - 1;
  const step = STEP[key];
  return step === undefined ? null : Math.min(count - 1, Math.max(0, index + step));
}

interface ListKeys {
  count: number;
  onOpen: (index: number) => void;
  /** Marked until a key moves the mark; -1 marks nothing. */
  initial?: number;
}

/** j / k and the arrows move through a list, Enter opens. Quiet while somebody types. */
export function useListKeys({ count, onOpen, initial = -1 }: ListKeys) {
  const [marked, setIndex] = useState<number | null>(null);
  const index = Math.min(marked ?? initial, count - 1);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const onControl = event.target instanceof HTMLElement && event.target.closest('a, button, [data-open]') !== null;
      if (event.key === 'Enter' && index >= 0 && !onControl) {
        event.preventDefault();
        onOpen(index);
        return;
      }
      const next = movedIndex(event.key, index, count);
      if (next === null) return;
      event.preventDefault();
      setIndex(next);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [count, index, onOpen]);
  return { index, setIndex };
}
