import { useState } from 'react';

import { type SampleSizeQuestion, useSampleSize } from '../../../api/endpoints/readerStudyPlan';
import { Button } from '../../../ui/Button';
import { Dialog } from '../../../ui/Dialog';
import { SelectField } from '../../../ui/Field';
import { formatPercent } from '../../../ui/format';
import { ErrorNote, Note } from '../../../ui/Note';
import type { Analysis } from './design';
import css from './design.module.css';
import { NumberField } from './NumberField';
import { text } from './text';

interface SampleSizeDialogProps {
  analysis: Analysis;
  onClose: () => void;
  /** The question and its answer go into the plan. */
  onUse: (inputs: Analysis['sample_size']) => void;
}

/** Asks the server how many cases are needed; the figures of the first paper stand in the fields. */
export function SampleSizeDialog({ analysis, onClose, onUse }: SampleSizeDialogProps) {
  const ask = useSampleSize();
  const [kind, setKind] = useState<'log_time' | 'noninferiority'>('log_time');
  const [values, setValues] = useState({ ratio: 0.5, margin: 0.05, expected_difference: 0, sd: 0.6, power: 0.8, readers: 1, reader_correlation: 1 });
  const set = (name: keyof typeof values) => (value: number | null) => {
    ask.reset();
    if (value !== null) setValues((old) => ({ ...old, [name]: value }));
  };
  const { ratio, margin, expected_difference, ...common } = values;
  const question: SampleSizeQuestion = { kind, ...common, alpha: analysis.alpha, ...(kind === 'log_time' ? { ratio } : { margin, expected_difference }) };
  const answer = ask.data;
  return (
    <Dialog
      title={text.sampleSize}
      onClose={onClose}
      closeLabel={text.close}
      onSubmit={() => ask.mutate(question)}
      actions={
        <>
          {answer && (
            <Button
              onClick={() => {
                // What the other kind asks for stays out of the plan.
                onUse({ ...question, ...answer } as Analysis['sample_size']);
                onClose();
              }}
            >
              {text.keepInPlan}
            </Button>
          )}
          <Button type="submit" tone="primary" busy={ask.isPending}>
            {text.compute}
          </Button>
        </>
      }
    >
      <SelectField
        label={text.sizeFor}
        data-first
        value={kind}
        onChange={(event) => {
          ask.reset();
          setKind(event.target.value as typeof kind);
        }}
      >
        <option value="log_time">{text.sizeTime}</option>
        <option value="noninferiority">{text.sizeQuality}</option>
      </SelectField>
      <div className={css.two}>
        {kind === 'log_time' ? (
          <NumberField label={text.ratio} hint={text.ratioHint} min={0.01} max={100} value={values.ratio} onChange={set('ratio')} />
        ) : (
          <>
            <NumberField label={text.margin} min={0} value={values.margin} onChange={set('margin')} />
            <NumberField label={text.expected} value={values.expected_difference} onChange={set('expected_difference')} />
          </>
        )}
        <NumberField label={kind === 'log_time' ? text.sdLog : text.sdDifference} min={0.0001} value={values.sd} onChange={set('sd')} />
        <NumberField label={text.power} min={0.01} max={0.999} value={values.power} onChange={set('power')} />
        <NumberField label={text.readers} min={1} whole value={values.readers} onChange={set('readers')} />
        {values.readers > 1 && <NumberField label={text.correlation} hint={text.correlationHint} min={0} max={1} value={values.reader_correlation} onChange={set('reader_correlation')} />}
      </div>
      {ask.isError && <ErrorNote title={text.sizeFailed} error={ask.error} />}
      {answer && (
        <Note tone="ok" title={text.sizeAnswer(answer.cases, formatPercent(answer.power))}>
          {answer.statement}
        </Note>
      )}
    </Dialog>
  );
}
