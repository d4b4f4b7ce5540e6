import { useReaders } from '../../../api/endpoints/users';
import { Button } from '../../../ui/Button';
import { Card } from '../../../ui/Card';
import { SelectField, TextField } from '../../../ui/Field';
import type { Design } from './design';
import css from './design.module.css';
import { NumberField } from './NumberField';
import { text } from './text';

interface SecondReadCardProps {
  design: Design;
  onChange: (part: Partial<Design>) => void;
}

/** Several readers of a case become one: by choice, majority or STAPLE. Interim looks are planned here too. */
export function SecondReadCard({ design, onChange }: SecondReadCardProps) {
  const second = design.second_read;
  const readers = useReaders();
  const change = (part: Partial<typeof second>) => onChange({ second_read: { ...second, ...part } });
  return (
    <Card title={text.secondRead}>
      <div className={css.three}>
        <SelectField label={text.adjudication} value={second.adjudication} onChange={(event) => change({ adjudication: event.target.value as typeof second.adjudication })}>
          {(['none', 'choice', 'majority', 'staple'] as const).map((one) => (
            <option key={one} value={one}>
              {text.adjudications[one]}
            </option>
          ))}
        </SelectField>
        {second.adjudication !== 'none' && <NumberField label={text.readsNeeded} min={2} whole value={second.readers} onChange={(count) => change({ readers: count ?? 2 })} />}
        {second.adjudication === 'choice' && (
          <SelectField label={text.adjudicator} value={second.adjudicator ?? ''} onChange={(event) => change({ adjudicator: event.target.value === '' ? null : Number(event.target.value) })}>
            <option value="">{text.theCoordinator}</option>
            {(readers.data ?? []).map((reader) => (
              <option key={reader.id} value={reader.id}>
                {reader.name}
              </option>
            ))}
          </SelectField>
        )}
      </div>
      <h3 className={css.subhead}>{text.looks}</h3>
      <p className={css.quiet}>{text.looksHint}</p>
      {design.interim_looks.map((look, index) => {
        const set = (part: Partial<typeof look>) => onChange({ interim_looks: design.interim_looks.map((one, at) => (at === index ? { ...one, ...part } : one)) });
        return (
          <div key={index} className={css.three}>
            <TextField label={text.lookTitle} value={look.title} onChange={(event) => set({ title: event.target.value })} />
            <NumberField label={text.lookAfter} min={1} whole value={look.after_submitted} onChange={(count) => set({ after_submitted: count ?? 1 })} />
            <div className={css.atEnd}>
              <Button tone="quiet" onClick={() => onChange({ interim_looks: design.interim_looks.filter((_, at) => at !== index) })}>
                {text.remove}
              </Button>
            </div>
          </div>
        );
      })}
      <Button onClick={() => onChange({ interim_looks: [...design.interim_looks, { title: text.lookName(design.interim_looks.length + 1), after_submitted: 10 }] })}>{text.addLook}</Button>
    </Card>
  );
}
