import { useState } from 'react';

import { type StudyProgress, useLockData } from '../../../api/endpoints/readerStudyRun';
import type { ReaderStudy } from '../../../api/types';
import { Button } from '../../../ui/Button';
import { Dialog } from '../../../ui/Dialog';
import { TextArea, TextField } from '../../../ui/Field';
import { ErrorNote } from '../../../ui/Note';
import { useToast } from '../../../ui/Toast';
import { text } from './text';

interface DataLockDialogProps {
  study: ReaderStudy;
  totals: StudyProgress['totals'];
  onClose: () => void;
}

/** Ends the study: nothing is read or changed afterwards, and the results by arm open. */
export function DataLockDialog({ study, totals, onClose }: DataLockDialogProps) {
  const lock = useLockData(study.id);
  const say = useToast();
  const [meaning, setMeaning] = useState<string>(text.dataMeaning);
  const [password, setPassword] = useState('');
  const ready = meaning.trim() !== '' && password !== '';
  const done = () => {
    say(text.dataLockedToast, 'ok');
    onClose();
  };
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <Dialog
      title={text.dataLock}
      onClose={onClose}
      onSubmit={() => ready && lock.mutate({ password, meaning: meaning.trim(), zone }, { onSuccess: done })}
      actions={
        <Button type="submit" tone="danger" busy={lock.isPending} disabled={!ready}>
          {text.dataLockDo}
        </Button>
      }
    >
      <p>{text.dataLockNote(totals)}</p>
      <TextArea label={text.meaning} value={meaning} onChange={(event) => setMeaning(event.target.value)} />
      <TextField label={text.password} type="password" autoComplete="current-password" data-first value={password} onChange={(event) => setPassword(event.target.value)} />
      {lock.isError && <ErrorNote title={text.dataLockFailed} error={lock.error} />}
    </Dialog>
  );
}
