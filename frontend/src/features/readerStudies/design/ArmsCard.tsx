import { useReleases } from '../../../api/endpoints/releases';
import type { Release } from '../../../api/types';
import { Button } from '../../../ui/Button';
import { Card } from '../../../ui/Card';
import { SelectField, TextField } from '../../../ui/Field';
import { QueryView } from '../../../ui/QueryView';
import { changeArm, type Design, type DesignArm, type Preset, presetOf, type Start, withArm, withoutArm } from './design';
import css from './design.module.css';
import { text } from './text';

interface ArmsCardProps {
  design: Design;
  onChange: (part: Partial<Design>) => void;
}

const PRESETS: readonly Preset[] = ['ai_only', 'crossover', 'parallel'];
const STARTS: readonly Start[] = ['ai', 'semi_automatic', 'empty'];

/** What a read starts from. The tools are the same in every arm unless one names its own. */
export function ArmsCard({ design, onChange }: ArmsCardProps) {
  const releases = useReleases();
  return (
    <Card
      title={text.arms}
      actions={PRESETS.map((preset) => (
        <Button key={preset} tone="quiet" onClick={() => onChange(presetOf(preset, design))}>
          {text.presets[preset]}
        </Button>
      ))}
    >
      <QueryView query={releases} failed={text.releasesFailed} rows={2}>
        {(list) => (
          <div className={css.stack}>
            {design.arms.length === 0 && <p className={css.quiet}>{text.noArms}</p>}
            {design.arms.map((arm) => (
              <ArmRow
                key={arm.key}
                arm={arm}
                releases={list.filter((release) => release.is_active || release.fingerprint === arm.release_fingerprint)}
                onChange={(part) => onChange({ arms: changeArm(design.arms, arm.key, part) })}
                onRemove={() => onChange(withoutArm(design, arm.key))}
              />
            ))}
            <div>
              <Button onClick={() => onChange({ arms: withArm(design.arms, 'empty', text.starts.empty) })}>{text.addArm}</Button>
            </div>
          </div>
        )}
      </QueryView>
    </Card>
  );
}

interface ArmRowProps {
  arm: DesignArm;
  releases: readonly Release[];
  onChange: (part: Partial<DesignArm>) => void;
  onRemove: () => void;
}

function ArmRow({ arm, releases, onChange, onRemove }: ArmRowProps) {
  const choose = (fingerprint: string) => {
    if (fingerprint === 'version') return onChange({ source: 'version', release_name: '', release_fingerprint: '' });
    const release = releases.find((one) => one.fingerprint === fingerprint);
    onChange({ source: 'release', release_name: release?.name ?? '', release_fingerprint: release?.fingerprint ?? '' });
  };
  return (
    <div className={css.arm} role="group" aria-label={arm.title}>
      <TextField label={text.armTitle} value={arm.title} maxLength={80} onChange={(event) => onChange({ title: event.target.value })} />
      <SelectField label={text.startsFrom} value={arm.start} onChange={(event) => onChange({ start: event.target.value as Start, source: 'release' })}>
        {STARTS.map((start) => (
          <option key={start} value={start}>
            {text.starts[start]}
          </option>
        ))}
      </SelectField>
      {arm.start === 'ai' ? (
        <SelectField label={text.release} value={arm.source === 'version' ? 'version' : arm.release_fingerprint} onChange={(event) => choose(event.target.value)}>
          <option value="">–</option>
          {releases.map((release) => (
            <option key={release.id} value={release.fingerprint}>
              {release.name}
            </option>
          ))}
          <option value="version">{text.chosenVersions}</option>
        </SelectField>
      ) : (
        <p className={css.quiet}>{text.startHints[arm.start]}</p>
      )}
      <Button tone="quiet" aria-label={`${text.removeArm}: ${arm.title}`} onClick={onRemove}>
        {text.removeArm}
      </Button>
    </div>
  );
}
