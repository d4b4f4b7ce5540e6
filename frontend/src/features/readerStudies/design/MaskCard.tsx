import { Card } from '../../../ui/Card';
import { Check, TextField } from '../../../ui/Field';
import { toggled } from '../routineReview';
import type { Design } from './design';
import css from './design.module.css';
import { text } from './text';

/** What readers must not see, and which clinical data they do see. */
export function MaskCard({ design, onChange }: { design: Design; onChange: (part: Partial<Design>) => void }) {
  const hidden = design.masked.includes('clinical');
  return (
    <Card title={text.masked}>
      <div className={css.two}>
        <div className={css.checks}>
          {text.maskedChoices.map(({ key, label }) => (
            <Check key={key} checked={design.masked.includes(key)} onChange={() => onChange({ masked: toggled(design.masked, key) })}>
              {label}
            </Check>
          ))}
        </div>
        {!hidden && (
          <TextField
            label={text.clinicalShown}
            hint={text.clinicalHint}
            value={(design.clinical_shown ?? []).join(', ')}
            onChange={(event) => onChange({ clinical_shown: namesIn(event.target.value) })}
          />
        )}
      </div>
    </Card>
  );
}

/** Attribute names with commas between; nothing written means all. */
function namesIn(written: string): string[] | null {
  if (written.trim() === '') return null;
  return written.split(',').map((name) => name.trimStart());
}
