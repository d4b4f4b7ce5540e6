import { useState } from 'react';

import { type Plan, useAmendPlan } from '../../../api/endpoints/readerStudyPlan';
import { useReaders } from '../../../api/endpoints/users';
import type { ReaderStudy } from '../../../api/types';
import { Button } from '../../../ui/Button';
import { Card, Facts } from '../../../ui/Card';
import { Dialog } from '../../../ui/Dialog';
import { TextArea } from '../../../ui/Field';
import { formatDateTime } from '../../../ui/format';
import { ErrorNote } from '../../../ui/Note';
import css from './design.module.css';
import { text } from './text';

/** A locked plan is a record: what was decided, who signed it, and every version of it. */
export function LockedPlan({ study, plan }: { study: ReaderStudy; plan: Plan }) {
  const [amending, setAmending] = useState(false);
  const readers = new Map((useReaders().data ?? []).map((reader) => [reader.id, reader.name]));
  const { design } = plan;
  return (
    <>
      <Card title={text.signed} actions={study.data_locked_at === null && <Button onClick={() => setAmending(true)}>{text.amend}</Button>}>
        <Facts
          items={[
            [text.signedBy, plan.signature?.name ?? '–'],
            [text.signedAt, plan.signature ? `${plan.signature.local_time} (${plan.signature.zone})` : '–'],
            [text.meaning, plan.signature?.meaning ?? '–'],
            [text.digest, <code key="digest" className={css.digest}>{plan.digest}</code>],
            ...(plan.reason === '' ? [] : [[text.reason, plan.reason] as const]),
          ]}
        />
      </Card>
      <div className={css.two}>
        <Card title={text.basics}>
          <Facts
            items={[
              [text.cases, text.caseCount(design.cases)],
              [text.readers, design.readers.map((reader) => readers.get(reader) ?? reader).join(', ')],
              [text.arms, design.arms.map((arm) => `${arm.title} (${text.starts[arm.start]}${arm.release_name ? `, ${arm.release_name}` : ''})`).join('; ')],
              [text.allocation, `${text.kinds[design.allocation.kind]}, ${text.seedLine(design.allocation.seed)}`],
              [text.washout, text.days(design.washout_days)],
              [text.timing, design.timing_subgroup ?? '–'],
              [text.masked, design.masked.map((key) => text.maskedChoices.find((one) => one.key === key)?.label ?? key).join('; ') || '–'],
              [text.idle, `${design.idle_threshold_s} s`],
            ]}
          />
        </Card>
        <Card title={text.analysis}>
          <Facts
            items={[
              [text.hypothesis, design.analysis.hypothesis || '–'],
              [text.primary, text.endpoints[design.analysis.primary_endpoint as keyof typeof text.endpoints] ?? design.analysis.primary_endpoint],
              [text.estimand, design.analysis.estimand || '–'],
              [text.alpha, design.analysis.alpha],
              [text.noninferiority, text.qualityMeasures[design.analysis.noninferiority.measure]],
              [text.primarySet, design.analysis.primary_set],
              [text.missing, text.missingRules[design.analysis.missing_rule]],
            ]}
          />
        </Card>
      </div>
      <Card title={text.versionsOfPlan}>
        <ol className={css.list}>
          {plan.versions.map((one) => (
            <li key={one.number}>
              {text.planVersion(one.number)} {one.locked_at ? formatDateTime(one.locked_at) : text.draft} · {one.name} {one.reason && `· ${one.reason}`}
            </li>
          ))}
        </ol>
      </Card>
      {amending && <AmendDialog studyId={study.id} onClose={() => setAmending(false)} />}
    </>
  );
}

function AmendDialog({ studyId, onClose }: { studyId: string; onClose: () => void }) {
  const amend = useAmendPlan(studyId);
  const [reason, setReason] = useState('');
  const submit = () => reason.trim() !== '' && amend.mutate(reason.trim(), { onSuccess: onClose });
  return (
    <Dialog
      title={text.amendTitle}
      onClose={onClose}
      onSubmit={submit}
      actions={
        <Button type="submit" tone="primary" busy={amend.isPending} disabled={reason.trim() === ''}>
          {text.amend}
        </Button>
      }
    >
      <p>{text.amendNote}</p>
      <TextArea label={text.reason} data-first value={reason} onChange={(event) => setReason(event.target.value)} />
      {amend.isError && <ErrorNote title={text.amendFailed} error={amend.error} />}
    </Dialog>
  );
}
