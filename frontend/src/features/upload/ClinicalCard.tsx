import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ChangeEvent, useRef } from 'react';

import { sendAttributes } from '../../api/endpoints/imports';
import { Button } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { ErrorNote, Note } from '../../ui/Note';
import { Refusals } from './ImportResult';
import { text } from './text';
import css from './upload.module.css';

export function ClinicalCard({ project }: { project: string }) {
  const input = useRef<HTMLInputElement>(null);
  const cache = useQueryClient();
  const send = useMutation({
    mutationFn: (file: File) => sendAttributes(project, file),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['study'] }),
  });
  const change = (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0];
    event.target.value = '';
    if (file) send.mutate(file);
  };
  return (
    <Card title={text.clinical}>
      <div className={css.clinical}>
        <p className={css.quiet}>{text.clinicalHint}</p>
        <input ref={input} type="file" accept=".csv,text/csv" hidden aria-label={text.chooseCsv} onChange={change} />
        <Button busy={send.isPending} onClick={() => input.current?.click()}>
          {text.chooseCsv}
        </Button>
        {send.isError && <ErrorNote title={text.clinicalFailed} error={send.error} />}
        {send.data && <Note tone="ok">{text.clinicalDone(send.data.updated)}</Note>}
        {send.data && send.data.refusals.length > 0 && <Refusals refusals={send.data.refusals} />}
      </div>
    </Card>
  );
}
