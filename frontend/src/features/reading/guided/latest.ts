/** Questions of which only the last one counts: a newer one aborts the one before it. */
export function latest(): {
  run: <T>(ask: (signal: AbortSignal) => Promise<T>) => Promise<T | null>;
  forget: () => void;
} {
  let current: AbortController | null = null;
  const forget = (): void => {
    current?.abort();
    current = null;
  };
  return {
    forget,
    /** The answer; null when it was overtaken. Throws only for the last question. */
    async run(ask) {
      forget();
      const mine = (current = new AbortController());
      try {
        const answer = await ask(mine.signal);
        return mine.signal.aborted ? null : answer;
      } catch (error) {
        if (mine.signal.aborted) return null;
        throw error;
      }
    },
  };
}
