import { useState } from 'react';

import { usePreview } from '../../../api/endpoints/readerStudyPlan';
import type { ReaderStudy } from '../../../api/types';
import { Button } from '../../../ui/Button';
import { Card } from '../../../ui/Card';
import { Chip } from '../../../ui/Chip';
import { ErrorNote } from '../../../ui/Note';
import { LockDialog } from '../LockDialog';
import css from './design.module.css';
import { text } from './text';
import type { DesignEditor, Saving } from './useDesign';

/** What the draft makes, what it lacks, and the lock. */
export function DesignSide({ study, editor }: { study: ReaderStudy; editor: DesignEditor }) {
  const [locking, setLocking] = useState(false);
  const preview = usePreview(study.id, editor.plan.revision);
  const { problems } = editor.plan;
  const errors = problems.filter((problem) => problem.severity === 'error');
  const reads = preview.data?.rows.length;
  return (
    <Card title={text.side} className={css.side} actions={<SavingChip saving={editor.saving} />}>
      <p className={css.big} data-testid="read-count">
        {reads ?? '–'} <small>{text.reads(reads ?? 0)}</small>
      </p>
      <p className={css.quiet}>{text.sideLine(editor.design)}</p>
      {problems.length > 0 && (
        <ul className={css.problems} data-testid="plan-problems">
          {problems.map((problem) => (
            <li key={`${problem.code} ${problem.field} ${problem.message}`} data-severity={problem.severity}>
              {problem.message}
            </li>
          ))}
        </ul>
      )}
      {preview.isError && <ErrorNote title={text.previewFailed} error={preview.error} onRetry={() => void preview.refetch()} />}
      <Button tone="primary" disabled={errors.length > 0 || editor.saving.kind !== 'saved' || preview.data === undefined} onClick={() => setLocking(true)}>
        {text.lock}
      </Button>
      <p className={css.quiet}>{errors.length > 0 ? text.lockAfter : text.lockHint}</p>
      {locking && <LockDialog study={study} reads={reads ?? 0} cases={editor.design.cases.length} readers={editor.design.readers.length} allocationDigest={preview.data?.allocation_digest} onClose={() => setLocking(false)} />}
    </Card>
  );
}

function SavingChip({ saving }: { saving: Saving }) {
  if (saving.kind === 'failed') return <Chip tone="bad">{text.saving.failed}</Chip>;
  return (
    <Chip tone={saving.kind === 'saved' ? 'ok' : 'plain'} dot={saving.kind === 'saved' ? true : 'live'}>
      {text.saving[saving.kind]}
    </Chip>
  );
}
