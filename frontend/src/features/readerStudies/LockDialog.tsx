import { useState } from 'react';

import { useLockPlan } from '../../api/endpoints/readerStudies';
import type { ReaderStudy } from '../../api/types';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { TextArea, TextField } from '../../ui/Field';
import { ErrorNote } from '../../ui/Note';
import { useToast } from '../../ui/Toast';
import { text } from './text';

interface LockDialogProps {
  study: ReaderStudy;
  cases: number;
  readers: number;
  reads: number;
  /** Of the preview that was looked at. */
  allocationDigest: string | undefined;
  onClose: () => void;
}

/** A signature: who, what it means, and the password again. */
export function LockDialog({ study, cases, readers, reads, allocationDigest, onClose }: LockDialogProps) {
  const lock = useLockPlan(study.id);
  const say = useToast();
  const [meaning, setMeaning] = useState<string>(text.meaningDefault);
  const [password, setPassword] = useState('');
  const ready = meaning.trim() !== '' && password !== '';
  const submit = () => {
    if (!ready) return;
    lock.mutate(
      { password, meaning: meaning.trim(), zone: Intl.DateTimeFormat().resolvedOptions().timeZone, ...(allocationDigest === undefined ? {} : { allocation_digest: allocationDigest }) },
      {
        onSuccess: () => {
          say(text.lockedToast, 'ok');
          onClose();
        },
      },
    );
  };
  return (
    <Dialog
      title={text.lockTitle}
      onClose={onClose}
      onSubmit={submit}
      actions={
        <Button type="submit" tone="primary" busy={lock.isPending} disabled={!ready}>
          {text.sign}
        </Button>
      }
    >
      <p>{text.lockNote(cases, readers, reads)}</p>
      <TextArea label={text.meaning} value={meaning} onChange={(event) => setMeaning(event.target.value)} />
      <TextField
        label={text.password}
        type="password"
        autoComplete="current-password"
        data-first
        value={password}
        onChange={(event) => setPassword(event.target.value)}
      />
      {lock.isError && <ErrorNote title={text.lockFailed} error={lock.error} />}
    </Dialog>
  );
}
