import { useState } from 'react';

import { Button } from '../../../ui/Button';
import { Card } from '../../../ui/Card';
import { Check, SelectField, TextField } from '../../../ui/Field';
import { type Allocation, type Design, numbersIn } from './design';
import css from './design.module.css';
import { NumberField } from './NumberField';
import { text } from './text';

interface AllocationCardProps {
  design: Design;
  onChange: (part: Partial<Design>) => void;
}

/** Who reads what in which order: drawn by a seed, balanced within reader and burden stratum. */
export function AllocationCard({ design, onChange }: AllocationCardProps) {
  const { allocation } = design;
  const change = (part: Partial<Allocation>) => onChange({ allocation: { ...allocation, ...part } });
  const crossover = allocation.kind === 'crossover';
  return (
    <Card title={text.allocation}>
      <div className={css.three}>
        <SelectField label={text.kind} hint={text.kindHints[allocation.kind]} value={allocation.kind} onChange={(event) => change({ kind: event.target.value as Allocation['kind'] })}>
          {(['single', 'parallel', 'crossover'] as const).map((kind) => (
            <option key={kind} value={kind}>
              {text.kinds[kind]}
            </option>
          ))}
        </SelectField>
        <SelectField label={text.order} value={allocation.order} onChange={(event) => change({ order: event.target.value as Allocation['order'] })}>
          <option value="fixed">{text.orders.fixed}</option>
          <option value="free">{text.orders.free}</option>
        </SelectField>
        <SeedField seed={allocation.seed} onChange={(seed) => change({ seed })} />
        <NumberField label={text.washout} hint={text.washoutHint} min={0} max={3650} whole value={design.washout_days} onChange={(days) => onChange({ washout_days: days ?? 0 })} />
        <NumberField label={text.timing} hint={text.timingHint} min={1} whole optional value={design.timing_subgroup} onChange={(timing_subgroup) => onChange({ timing_subgroup })} />
        <NumberField label={text.repeats} hint={text.repeatsHint} min={0} whole value={design.repeats.cases} onChange={(cases) => onChange({ repeats: { ...design.repeats, cases: cases ?? 0 } })} />
      </div>
      {crossover && (
        <div className={css.alone}>
          <Check
            checked={allocation.crossover_cases === 'timing_subgroup'}
            onChange={(event) => change({ crossover_cases: event.target.checked ? 'timing_subgroup' : 'all' })}
          >
            {text.onlyTiming}
          </Check>
        </div>
      )}
      <Strata allocation={allocation} onChange={change} />
      <Training design={design} onChange={onChange} />
    </Card>
  );
}

function SeedField({ seed, onChange }: { seed: number; onChange: (seed: number) => void }) {
  const draw = () => onChange(crypto.getRandomValues(new Uint32Array(1))[0] ?? 0);
  return (
    <div className={css.withButton}>
      <NumberField label={text.seed} hint={text.seedHint} min={0} whole value={seed} onChange={(value) => onChange(value ?? 0)} />
      <Button onClick={draw}>{text.drawSeed}</Button>
    </div>
  );
}

function Strata({ allocation, onChange }: { allocation: Allocation; onChange: (part: Partial<Allocation>) => void }) {
  const { strata } = allocation;
  const [written, setWritten] = useState(strata.thresholds.join(', '));
  const change = (part: Partial<Allocation['strata']>) => onChange({ strata: { ...strata, ...part } });
  const numbers = numbersIn(written);
  return (
    <div className={css.three}>
      <SelectField label={text.strata} value={strata.by} onChange={(event) => change({ by: event.target.value as Allocation['strata']['by'] })}>
        {(['none', 'ttv', 'lesion_count'] as const).map((by) => (
          <option key={by} value={by}>
            {text.strataBy[by]}
          </option>
        ))}
      </SelectField>
      {strata.by !== 'none' && (
        <>
          <SelectField label={text.strataOf} value={strata.of} onChange={(event) => change({ of: event.target.value as 'reference' | 'ai' })}>
            <option value="reference">{text.ofReference}</option>
            <option value="ai">{text.ofAi}</option>
          </SelectField>
          <SelectField label={text.split} value={strata.split} onChange={(event) => change({ split: event.target.value as 'median' | 'thresholds' })}>
            <option value="median">{text.splitMedian}</option>
            <option value="thresholds">{text.splitThresholds}</option>
          </SelectField>
          {strata.split === 'thresholds' && (
            <TextField
              label={text.thresholds}
              complaint={numbers === null ? text.notNumbers : undefined}
              value={written}
              onChange={(event) => {
                setWritten(event.target.value);
                const given = numbersIn(event.target.value);
                if (given !== null) change({ thresholds: [...given].sort((a, b) => a - b) });
              }}
            />
          )}
        </>
      )}
    </div>
  );
}

function Training({ design, onChange }: AllocationCardProps) {
  const rule = design.training.pass_rule;
  if (!design.cases.some((one) => one.role === 'training')) return null;
  const change = (part: Partial<typeof rule>) => onChange({ training: { pass_rule: { ...rule, ...part } } });
  return (
    <div className={css.three}>
      <SelectField label={text.passRule} value={rule.kind} onChange={(event) => change({ kind: event.target.value as typeof rule.kind, minimum: event.target.value === 'completed' ? null : (rule.minimum ?? 0.7) })}>
        {(['completed', 'dice', 'lesion_sensitivity'] as const).map((kind) => (
          <option key={kind} value={kind}>
            {text.passRules[kind]}
          </option>
        ))}
      </SelectField>
      {rule.kind !== 'completed' && <NumberField label={text.passMinimum} min={0} max={1} value={rule.minimum} onChange={(minimum) => change({ minimum })} />}
    </div>
  );
}
