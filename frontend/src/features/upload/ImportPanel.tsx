import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';

import { cancelImport, forgetImports, importKey, isFinished, useImport } from '../../api/endpoints/imports';
import type { ImportRun } from '../../api/types';
import { Button } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { formatBytes, formatPercent } from '../../ui/format';
import { ErrorNote, Note } from '../../ui/Note';
import { Progress } from '../../ui/Progress';
import { QueryView } from '../../ui/QueryView';
import { DropZone } from './DropZone';
import { ImportResult } from './ImportResult';
import { text } from './text';
import css from './upload.module.css';
import { type UploadState, useUpload } from './useUpload';

interface ImportPanelProps {
  project: string;
  run: string | null;
  onRun: (run: string | null) => void;
}

/** Drop, send, read, result: one place that shows where an import stands. */
export function ImportPanel({ project, run, onRun }: ImportPanelProps) {
  const upload = useUpload({ project, onStarted: onRun });
  if (upload.state.phase === 'sending') return <Sending state={upload.state} onCancel={upload.cancel} />;
  if (run !== null) return <Run id={run} onMore={() => onRun(null)} />;
  return (
    <div className={css.panel}>
      {upload.state.phase === 'failed' && <ErrorNote title={text.sendFailed} error={upload.state.error} />}
      {upload.state.phase === 'empty' && <Note tone="warn">{text.nothingFound}</Note>}
      {upload.state.phase === 'looking' && <Progress share={null} label={text.looking} />}
      <DropZone disabled={upload.state.phase === 'looking'} onFiles={(find) => void upload.send(find)} />
    </div>
  );
}

function Sending({ state, onCancel }: { state: Extract<UploadState, { phase: 'sending' }>; onCancel: () => void }) {
  const share = state.bytesTotal === 0 ? null : state.bytes / state.bytesTotal;
  return (
    <Card title={text.sending} actions={<Button onClick={onCancel}>{text.cancel}</Button>}>
      <div className={css.progress}>
        <b>{formatPercent(share)}</b>
        <span>
          {text.sent(state.files, state.filesTotal)}, {formatBytes(state.bytes)} / {formatBytes(state.bytesTotal)}
        </span>
        <Progress share={share} label={text.sending} />
      </div>
    </Card>
  );
}

function Run({ id, onMore }: { id: string; onMore: () => void }) {
  const run = useImport(id);
  const cache = useQueryClient();
  const finished = run.data !== undefined && isFinished(run.data);
  useEffect(() => {
    if (finished) forgetImports(cache);
  }, [finished, cache]);
  return (
    <QueryView query={run} failed={text.runUnreadable}>
      {(data) => (isFinished(data) ? <ImportResult run={data} onMore={onMore} /> : <Reading run={data} />)}
    </QueryView>
  );
}

function Reading({ run }: { run: ImportRun }) {
  const cache = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => cancelImport(run.id),
    onSuccess: (answer) => cache.setQueryData(importKey(run.id), answer),
  });
  const share = run.state === 'running' && run.files_total > 0 ? run.files_done / run.files_total : null;
  return (
    <Card
      title={text.processing[run.state]}
      actions={
        <Button busy={cancel.isPending} onClick={() => cancel.mutate()}>
          {text.cancel}
        </Button>
      }
    >
      <div className={css.progress}>
        <b>{share === null ? '…' : formatPercent(share)}</b>
        <span>
          {run.files_total > 0 && text.filesDone(run.files_done, run.files_total)} {run.stage}
        </span>
        <Progress share={share} label={text.processing[run.state]} />
      </div>
      {cancel.isError && <ErrorNote title={text.cancel} error={cancel.error} />}
    </Card>
  );
}
