import { useState } from 'react';

import { useSession } from '../../api/endpoints/session';
import { useSuvRevisions, useVolume } from '../../api/endpoints/volumes';
import { ApiError } from '../../api/errors';
import { hasRole } from '../../api/roles';
import type { SuvRecord, Volume } from '../../api/types';
import { Button } from '../../ui/Button';
import { Card, Facts } from '../../ui/Card';
import { Chip } from '../../ui/Chip';
import { formatNumber } from '../../ui/format';
import { ErrorNote, Note } from '../../ui/Note';
import { QueryView } from '../../ui/QueryView';
import { CorrectSuvDialog } from './CorrectSuvDialog';
import { SuvHistory } from './SuvHistory';
import { inputRows } from './suvInputs';
import { suvText } from './suvText';
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
      <Correction volume={volume.id} />
    </div>
  );
}

/** History and the way to correct, for data managers of the project; the server says who that is. */
function Correction({ volume }: { volume: string }) {
  const isManager = hasRole(useSession().data?.user, 'data_manager');
  const revisions = useSuvRevisions(volume, { enabled: isManager });
  const [open, setOpen] = useState(false);
  const list = revisions.data;
  const newest = list?.[0];
  if (revisions.error instanceof ApiError && revisions.error.code === 'not_found') return null;
  if (revisions.isError) {
    return <ErrorNote title={suvText.historyFailed} error={revisions.error} onRetry={() => void revisions.refetch()} />;
  }
  if (!isManager || !list || !newest) return null;
  return (
    <>
      <SuvHistory revisions={list} />
      <Button onClick={() => setOpen(true)}>{suvText.correct}</Button>
      {open && <CorrectSuvDialog volume={volume} newest={newest} onClose={() => setOpen(false)} />}
    </>
  );
}
