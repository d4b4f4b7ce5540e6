import { useState } from 'react';

import { useCorrectSuv, useSuvPreview } from '../../api/endpoints/volumes';
import type { SuvOutcome, SuvRevision } from '../../api/types';
import { Button } from '../../ui/Button';
import { Facts } from '../../ui/Card';
import { Dialog } from '../../ui/Dialog';
import { SelectField, TextArea, TextField } from '../../ui/Field';
import { formatNumber } from '../../ui/format';
import { ErrorNote, Note } from '../../ui/Note';
import { useToast } from '../../ui/Toast';
import { useDebounced } from '../../ui/useDebounced';
import css from './studies.module.css';
import { correctionOf, draftOf, type SuvField } from './suvCorrection';
import { suvText as text } from './suvText';

/** Old and new value of each tag, and the factor that follows, before anything is stored. */
export function CorrectSuvDialog({ volume, newest, onClose }: { volume: string; newest: SuvRevision; onClose: () => void }) {
  const [base] = useState(newest);
  const [draft, setDraft] = useState(() => draftOf(base.values));
  const [reason, setReason] = useState('');
  const { corrections, changes, complaints } = correctionOf(draft, base);
  const complete = changes.length > 0 && Object.keys(complaints).length === 0;
  const asked = useDebounced(JSON.stringify(complete ? corrections : null));
  const preview = useSuvPreview(volume, JSON.parse(asked) as typeof corrections | null);
  const correct = useCorrectSuv(volume);
  const say = useToast();
  const submit = () => {
    if (!complete || reason.trim() === '') return;
    correct.mutate(
      { corrections, reason: reason.trim(), based_on: base.number },
      {
        onSuccess: () => {
          say(text.corrected, 'ok');
          onClose();
        },
      },
    );
  };
  const field = (name: SuvField) => ({
    label: text.fields[name],
    value: draft[name],
    complaint: complaints[name],
    onChange: (event: { target: { value: string } }) => setDraft({ ...draft, [name]: event.target.value }),
  });
  return (
    <Dialog
      title={text.correctTitle}
      wide
      onClose={onClose}
      onSubmit={submit}
      actions={
        <Button type="submit" tone="primary" busy={correct.isPending} disabled={!complete || reason.trim() === ''}>
          {text.correctSave}
        </Button>
      }
    >
      <p className={css.quiet}>{text.correctHint}</p>
      <div className={css.correction}>
        <TextField {...field('weight_kg')} inputMode="decimal" data-first />
        <TextField {...field('height_m')} inputMode="decimal" />
        <SelectField {...field('sex')}>
          {['', 'F', 'M', 'O'].map((sex) => (
            <option key={sex} value={sex}>
              {sex || '–'}
            </option>
          ))}
        </SelectField>
        <TextField {...field('dose_bq')} inputMode="decimal" />
        <TextField {...field('injection_datetime')} type="datetime-local" step={1} />
        <TextField {...field('reference_datetime')} type="datetime-local" step={1} />
      </div>
      {changes.length > 0 && (
        <Facts items={changes.map((change) => [text.fields[change.field], text.change(change.before, change.after)])} />
      )}
      {complete && preview.data && <Outcome before={base} after={preview.data} />}
      {complete && preview.isError && <ErrorNote title={text.previewFailed} error={preview.error} />}
      <TextArea
        label={text.reason}
        hint={text.reasonHint}
        required
        maxLength={2000}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
      {correct.isError && <ErrorNote title={text.correctFailed} error={correct.error} />}
    </Dialog>
  );
}

function Outcome({ before, after }: { before: SuvRevision; after: SuvOutcome }) {
  if (after.factor === null) {
    return (
      <Note tone="warn" title={text.noFactor}>
        <p>{after.refusal}</p>
      </Note>
    );
  }
  return (
    <div role="status">
      <Facts
        items={[
          [text.factor, text.change(before.factor === null ? '–' : before.factor.toPrecision(6), after.factor.toPrecision(6))],
          ...(before.factor ? ([[text.allSuv, text.times(formatNumber(after.factor / before.factor, 3))]] as const) : []),
        ]}
      />
      {after.warnings.map((warning) => (
        <Note key={warning} tone="warn">
          {warning}
        </Note>
      ))}
    </div>
  );
}
