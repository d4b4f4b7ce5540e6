import { useState } from 'react';

import { Button } from '../../../ui/Button';
import { Dialog } from '../../../ui/Dialog';
import { TextArea } from '../../../ui/Field';
import { ErrorNote } from '../../../ui/Note';
import { text } from './text';

interface ReasonDialogProps {
  title: string;
  note: string;
  action: string;
  /** What could not be done, as a sentence. */
  failed: string;
  query: { isPending: boolean; isError: boolean; error: unknown };
  onSubmit: (reason: string) => void;
  onClose: () => void;
}

/** Whatever departs from the plan needs a reason, which is kept. */
export function ReasonDialog({ title, note, action, failed, query, onSubmit, onClose }: ReasonDialogProps) {
  const [reason, setReason] = useState('');
  const ready = reason.trim() !== '';
  return (
    <Dialog
      title={title}
      onClose={onClose}
      onSubmit={() => ready && onSubmit(reason.trim())}
      actions={
        <Button type="submit" tone="primary" busy={query.isPending} disabled={!ready}>
          {action}
        </Button>
      }
    >
      <p>{note}</p>
      <TextArea label={text.reason} data-first value={reason} onChange={(event) => setReason(event.target.value)} />
      {query.isError && <ErrorNote title={failed} error={query.error} />}
    </Dialog>
  );
}
