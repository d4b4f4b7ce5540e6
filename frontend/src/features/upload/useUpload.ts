import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';

import { cancelImport, createImport, forgetImports, importKey, type NamedFile, sendImportFiles, startImport } from '../../api/endpoints/imports';
import { isTransient } from '../../api/errors';
import { portions, totalBytes } from './walk';

export type UploadState =
  | { phase: 'idle' }
  | { phase: 'looking' }
  | { phase: 'empty' }
  | { phase: 'sending'; files: number; filesTotal: number; bytes: number; bytesTotal: number }
  | { phase: 'failed'; error: unknown };

const TRIES = 3;
const WAIT_MS = 2000;

/** Sends one portion; a server that is busy or away for a moment is asked again. */
async function sendPatiently(run: string, files: readonly NamedFile[], signal: AbortSignal, onBytes: (sent: number) => void) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await sendImportFiles(run, files, signal, onBytes);
      return;
    } catch (error) {
      if (attempt === TRIES || !isTransient(error)) throw error;
      onBytes(0);
      await new Promise((resolve) => setTimeout(resolve, WAIT_MS * attempt));
      signal.throwIfAborted();
    }
  }
}

interface UploadOptions {
  project: string;
  /** Called once all files are sent and the server has begun to read them. */
  onStarted: (run: string) => void;
}

/** Finds, sends and starts; `cancel` stops at any moment and tells the server. */
export function useUpload({ project, onStarted }: UploadOptions) {
  const [state, setState] = useState<UploadState>({ phase: 'idle' });
  const abort = useRef<AbortController | null>(null);
  const cache = useQueryClient();

  useEffect(() => () => abort.current?.abort(), []);

  const send = useCallback(
    async (find: () => Promise<NamedFile[]> | NamedFile[]) => {
      const controller = new AbortController();
      abort.current = controller;
      let run: string | null = null;
      try {
        setState({ phase: 'looking' });
        const files = await find();
        if (files.length === 0) {
          setState({ phase: 'empty' });
          return;
        }
        run = (await createImport(project)).id;
        await sendAll(run, files, controller.signal, setState);
        const started = await startImport(run);
        cache.setQueryData(importKey(run), started);
        setState({ phase: 'idle' });
        onStarted(run);
      } catch (error) {
        // What was begun is called off, so that no half of it is left waiting on the server.
        if (run !== null) await cancelImport(run).catch(() => undefined);
        setState(controller.signal.aborted ? { phase: 'idle' } : { phase: 'failed', error });
      } finally {
        forgetImports(cache);
      }
    },
    [project, cache, onStarted],
  );
  const cancel = useCallback(() => abort.current?.abort(), []);
  const reset = useCallback(() => setState({ phase: 'idle' }), []);
  return { state, send, cancel, reset };
}

async function sendAll(
  run: string,
  files: readonly NamedFile[],
  signal: AbortSignal,
  report: (state: UploadState) => void,
): Promise<void> {
  const bytesTotal = totalBytes(files);
  let filesSent = 0;
  let bytesSent = 0;
  for (const portion of portions(files)) {
    signal.throwIfAborted();
    const size = totalBytes(portion);
    const onBytes = (sent: number): void =>
      report({
        phase: 'sending',
        files: filesSent,
        filesTotal: files.length,
        bytes: bytesSent + Math.min(sent, size),
        bytesTotal,
      });
    onBytes(0);
    await sendPatiently(run, portion, signal, onBytes);
    filesSent += portion.length;
    bytesSent += size;
  }
}
