import { useState } from 'react';

import { Button } from '../../../ui/Button';
import { Card } from '../../../ui/Card';
import { SelectField, TextArea, TextField } from '../../../ui/Field';
import type { Analysis, Design } from './design';
import css from './design.module.css';
import { NumberField } from './NumberField';
import { SampleSizeDialog } from './SampleSizeDialog';
import { text } from './text';

interface AnalysisCardProps {
  design: Design;
  onChange: (part: Partial<Design>) => void;
}

/** Said before the data are seen: hypothesis, one primary endpoint, estimand, sets, margin. */
export function AnalysisCard({ design, onChange }: AnalysisCardProps) {
  const { analysis } = design;
  const [sizing, setSizing] = useState(false);
  const change = (part: Partial<Analysis>) => onChange({ analysis: { ...analysis, ...part } });
  return (
    <Card title={text.analysis} actions={<Button onClick={() => setSizing(true)}>{text.sampleSize}</Button>}>
      <div className={css.two}>
        <TextArea label={text.hypothesis} rows={2} value={analysis.hypothesis} onChange={(event) => change({ hypothesis: event.target.value })} />
        <TextArea label={text.estimand} rows={2} value={analysis.estimand} onChange={(event) => change({ estimand: event.target.value })} />
      </div>
      <div className={css.three}>
        <SelectField label={text.primary} value={analysis.primary_endpoint} onChange={(event) => change({ primary_endpoint: event.target.value })}>
          {Object.entries(text.endpoints).map(([key, label]) => (
            <option key={key} value={key}>
              {label}
            </option>
          ))}
        </SelectField>
        <NumberField label={text.alpha} min={0.0001} max={0.5} value={analysis.alpha} onChange={(alpha) => change({ alpha: alpha ?? 0.05 })} />
        <TextField label={text.secondary} hint={text.secondaryHint} value={analysis.secondary_endpoints.join(', ')} onChange={(event) => change({ secondary_endpoints: namesIn(event.target.value) })} />
      </div>
      <Quality analysis={analysis} onChange={change} />
      <Sets analysis={analysis} onChange={change} />
      {sizing && <SampleSizeDialog analysis={analysis} onClose={() => setSizing(false)} onUse={(sample_size) => change({ sample_size })} />}
    </Card>
  );
}

const namesIn = (written: string): string[] => written.split(',').map((name) => name.trimStart()).filter((name, at, all) => name !== '' || at < all.length - 1);

function Quality({ analysis, onChange }: { analysis: Analysis; onChange: (part: Partial<Analysis>) => void }) {
  const { noninferiority } = analysis;
  return (
    <div className={css.three}>
      <SelectField
        label={text.noninferiority}
        hint={text.noninferiorityHint}
        value={noninferiority.measure}
        onChange={(event) => onChange({ noninferiority: { ...noninferiority, measure: event.target.value as typeof noninferiority.measure } })}
      >
        {(['', 'dice', 'ttv', 'lesion_sensitivity'] as const).map((measure) => (
          <option key={measure} value={measure}>
            {text.qualityMeasures[measure]}
          </option>
        ))}
      </SelectField>
      {noninferiority.measure !== '' && (
        <NumberField label={text.margin} min={0} value={noninferiority.margin} onChange={(margin) => onChange({ noninferiority: { ...noninferiority, margin } })} />
      )}
    </div>
  );
}

function Sets({ analysis, onChange }: { analysis: Analysis; onChange: (part: Partial<Analysis>) => void }) {
  return (
    <div className={css.three}>
      <SelectField label={text.primarySet} value={analysis.primary_set} onChange={(event) => onChange({ primary_set: event.target.value })}>
        {analysis.sets.map((set) => (
          <option key={set.name} value={set.name}>
            {`${set.name}: ${text.setRules[set.rule]}`}
          </option>
        ))}
      </SelectField>
      <SelectField label={text.missing} value={analysis.missing_rule} onChange={(event) => onChange({ missing_rule: event.target.value as Analysis['missing_rule'] })}>
        {(['complete_cases', 'worst_case', 'multiple_imputation'] as const).map((rule) => (
          <option key={rule} value={rule}>
            {text.missingRules[rule]}
          </option>
        ))}
      </SelectField>
      <SelectField label={text.abandoned} value={analysis.abandoned_rule} onChange={(event) => onChange({ abandoned_rule: event.target.value as Analysis['abandoned_rule'] })}>
        {(['missing', 'time_to_abandon'] as const).map((rule) => (
          <option key={rule} value={rule}>
            {text.abandonedRules[rule]}
          </option>
        ))}
      </SelectField>
    </div>
  );
}
