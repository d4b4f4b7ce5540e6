import { useReleases } from '../../api/endpoints/releases';
import { Card } from '../../ui/Card';
import { Check, SelectField } from '../../ui/Field';
import { QueryView } from '../../ui/QueryView';
import type { Draft } from './routineReview';
import css from './readerStudies.module.css';
import { text } from './text';

interface RoutineStartCardProps {
  draft: Draft;
  onChange: (part: Partial<Draft>) => void;
}

export function RoutineStartCard({ draft, onChange }: RoutineStartCardProps) {
  return (
    <Card title={text.start}>
      <div className={css.checks} role="radiogroup" aria-label={text.start}>
        <Check type="radio" name="start" checked={draft.start === 'ai'} onChange={() => onChange({ start: 'ai' })}>
          {text.startAi}
          <br />
          <span className={css.quiet}>{text.startAiHint}</span>
        </Check>
        {draft.start === 'ai' && <ReleaseSelect draft={draft} onChange={onChange} />}
        <Check type="radio" name="start" checked={draft.start === 'empty'} onChange={() => onChange({ start: 'empty' })}>
          {text.startEmpty}
          <br />
          <span className={css.quiet}>{text.startEmptyHint}</span>
        </Check>
      </div>
    </Card>
  );
}

function ReleaseSelect({ draft, onChange }: RoutineStartCardProps) {
  const releases = useReleases();
  const active = (releases.data ?? []).filter((release) => release.is_active);
  const choose = (fingerprint: string) => {
    const release = active.find((one) => one.fingerprint === fingerprint);
    onChange({ release: release ? { fingerprint, name: release.name } : null });
  };
  return (
    <QueryView query={releases} failed={text.releasesFailed} rows={1}>
      {() => (
        <SelectField label={text.release} value={draft.release?.fingerprint ?? ''} onChange={(event) => choose(event.target.value)}>
          <option value="">{active.length === 0 ? text.noReleases : '–'}</option>
          {active.map((release) => (
            <option key={release.id} value={release.fingerprint}>
              {release.name}
            </option>
          ))}
        </SelectField>
      )}
    </QueryView>
  );
}
