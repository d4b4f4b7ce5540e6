import { useVolume } from '../../api/endpoints/volumes';
import type { SuvRecord, Volume } from '../../api/types';
import { Card, Facts } from '../../ui/Card';
import { Chip } from '../../ui/Chip';
import { formatNumber } from '../../ui/format';
import { Note } from '../../ui/Note';
import { QueryView } from '../../ui/QueryView';
import { inputRows } from './suvInputs';
import css from './studies.module.css';
import { text } from './text';

/** Where the SUV come from: factor, rule, every input with its value, and what looked odd. */
export function SuvCard({ volume }: { volume: string }) {
  const query = useVolume(volume);
  const suv = query.data?.suv;
  return (
    <Card title={text.suv} actions={suv && <SuvChip suv={suv} />}>
      <QueryView query={query} failed={text.suvFailed} rows={6}>
        {(data) => (data.suv ? <Record suv={data.suv} volume={data} /> : <p className={css.quiet}>{text.noVolume}</p>)}
      </QueryView>
    </Card>
  );
}

function SuvChip({ suv }: { suv: SuvRecord }) {
  return <Chip tone={suv.valid ? 'ok' : 'bad'}>{suv.valid ? text.suvValid : text.suvInvalid}</Chip>;
}

function Record({ suv, volume }: { suv: SuvRecord; volume: Volume }) {
  return (
    <div className={css.suv}>
      {suv.refusal && (
        <Note tone="bad" title={text.suvRefused}>
          <p>
            {suv.refusal.message} <code>{suv.refusal.code}</code>
          </p>
        </Note>
      )}
      <Facts
        items={[
          [text.suvFactor, <code key="factor">{suv.factor ?? '–'}</code>],
          [text.suvRule, suv.rule],
          [text.suvRevision, suv.revision],
          [text.deviation, `${formatNumber(volume.max_deviation_mm, 3)} mm`],
        ]}
      />
      {suv.warnings.map((warning) => (
        <Note key={warning.code} tone="warn">
          {warning.message} <code>{warning.code}</code>
        </Note>
      ))}
      <details>
        <summary>{text.suvInputs}</summary>
        <Facts items={inputRows(suv.record)} />
      </details>
    </div>
  );
}
