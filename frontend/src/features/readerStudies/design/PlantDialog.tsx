import { useState } from 'react';

import { type Candidate, type Planted, usePlantErrors } from '../../../api/endpoints/readerStudyPlan';
import { Button } from '../../../ui/Button';
import { Dialog } from '../../../ui/Dialog';
import { SelectField } from '../../../ui/Field';
import { formatMl } from '../../../ui/format';
import { ErrorNote } from '../../../ui/Note';
import type { DesignArm } from './design';
import css from './design.module.css';
import { NumberField } from './NumberField';
import { text } from './text';

interface PlantDialogProps {
  studyId: string;
  candidate: Candidate;
  arms: readonly DesignArm[];
  onClose: () => void;
  onPlanted: (arm: string, version: string) => void;
}

/** Makes an AI result with known errors of it: what readers find of them is counted, and they are never told. */
export function PlantDialog({ studyId, candidate, arms, onClose, onPlanted }: PlantDialogProps) {
  const plant = usePlantErrors(studyId);
  const choices = candidate.versions.filter((one) => one.producer_kind === 'model' && !one.is_planted);
  const [version, setVersion] = useState(choices[0]?.id ?? '');
  const [arm, setArm] = useState(arms[0]?.key ?? '');
  const [counts, setCounts] = useState({ seed: 1, added: 1, removed: 1, truncated: 0 });
  const count = (name: keyof typeof counts) => (value: number | null) => setCounts((old) => ({ ...old, [name]: value ?? 0 }));
  const total = counts.added + counts.removed + counts.truncated;
  const made = plant.data;
  return (
    <Dialog
      title={text.plantTitle(candidate.pseudonym)}
      onClose={onClose}
      onSubmit={() => (made ? onPlanted(arm, made.version) : version && total > 0 && plant.mutate({ version, ...counts }))}
      actions={
        <Button type="submit" tone="primary" busy={plant.isPending} disabled={version === '' || total === 0}>
          {made ? text.useThis : text.plantNow}
        </Button>
      }
    >
      <p>{text.plantNote}</p>
      {choices.length === 0 ? (
        <p className={css.quiet}>{text.noAiVersion}</p>
      ) : (
        <>
          <SelectField label={text.aiVersion} data-first value={version} onChange={(event) => setVersion(event.target.value)}>
            {choices.map((one) => (
              <option key={one.id} value={one.id}>
                {`${one.title} v${one.number}: ${one.lesion_count} · ${formatMl(one.ttv_ml)} mL`}
              </option>
            ))}
          </SelectField>
          {arms.length > 1 && (
            <SelectField label={text.forArm} value={arm} onChange={(event) => setArm(event.target.value)}>
              {arms.map((one) => (
                <option key={one.key} value={one.key}>
                  {one.title}
                </option>
              ))}
            </SelectField>
          )}
          <div className={css.three}>
            <NumberField label={text.planted.added} min={0} max={20} whole value={counts.added} onChange={count('added')} />
            <NumberField label={text.planted.removed} min={0} max={20} whole value={counts.removed} onChange={count('removed')} />
            <NumberField label={text.planted.truncated} min={0} max={20} whole value={counts.truncated} onChange={count('truncated')} />
          </div>
          <NumberField label={text.seed} min={0} whole value={counts.seed} onChange={count('seed')} />
        </>
      )}
      {plant.isError && <ErrorNote title={text.plantFailed} error={plant.error} />}
      {made && <PlantedList made={made} />}
    </Dialog>
  );
}

function PlantedList({ made }: { made: Planted }) {
  return (
    <ul className={css.list}>
      {made.errors.map((error) => (
        <li key={`${error.kind} ${error.label}`}>
          {text.plantedError(error.kind, error.label, formatMl(error.volume_ml))}
        </li>
      ))}
    </ul>
  );
}
