import { Card } from '../../../ui/Card';
import { Check, TextField } from '../../../ui/Field';
import type { Design } from './design';
import css from './design.module.css';
import { NumberField } from './NumberField';
import { text } from './text';

const FIRST_WINDOW = { lower: 0, upper: 15 };

/** How each read starts, what counts as a lesion, and the clock. */
export function ClockCard({ design, onChange }: { design: Design; onChange: (part: Partial<Design>) => void }) {
  const { window, boundary, quality } = design;
  return (
    <Card title={text.clock}>
      <div className={css.three}>
        <NumberField label={text.idle} hint={text.idleHint} min={1} max={3600} whole value={design.idle_threshold_s} onChange={(idle) => onChange({ idle_threshold_s: idle ?? 60 })} />
        <NumberField label={text.minimum} hint={text.minimumHint} min={0} max={10} value={boundary.minimum_ml} onChange={(ml) => onChange({ boundary: { ...boundary, minimum_ml: ml ?? 0.1 } })} />
        <NumberField label={text.tolerance} hint={text.toleranceHint} min={0} whole value={design.partial_tolerance_voxels} onChange={(voxels) => onChange({ partial_tolerance_voxels: voxels ?? 1 })} />
        <TextField label={text.boundary} hint={text.boundaryHint} value={boundary.method} onChange={(event) => onChange({ boundary: { ...boundary, method: event.target.value } })} />
        <div>
          <Check checked={window !== null} onChange={(event) => onChange({ window: event.target.checked ? FIRST_WINDOW : null })}>
            {text.fixWindow}
          </Check>
          {window !== null && (
            <div className={css.two}>
              <NumberField label={text.lower} value={window.lower} onChange={(lower) => onChange({ window: { ...window, lower: lower ?? 0 } })} />
              <NumberField label={text.upper} min={window.lower} value={window.upper} onChange={(upper) => onChange({ window: { ...window, upper: upper ?? 15 } })} />
            </div>
          )}
        </div>
      </div>
      <h3 className={css.subhead}>{text.quality}</h3>
      <div className={css.three}>
        <NumberField label={text.short} min={0} value={quality.short_s} onChange={(short_s) => onChange({ quality: { ...quality, short_s: short_s ?? 0 } })} />
        <NumberField label={text.idleShare} min={0} max={1} value={quality.idle_share} onChange={(share) => onChange({ quality: { ...quality, idle_share: share ?? 1 } })} />
        <NumberField label={text.longGap} min={0} value={quality.long_gap_s} onChange={(long_gap_s) => onChange({ quality: { ...quality, long_gap_s: long_gap_s ?? 0 } })} />
      </div>
    </Card>
  );
}
