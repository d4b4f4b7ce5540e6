import { formatMl, formatNumber } from '../../ui/format';
import { LesionTable } from './LesionTable';
import { useStateOf } from './Panes';
import css from './ReadingRoom.module.css';
import { ScorePanel } from './ScorePanel';
import type { ReadingSession } from './session';
import { TEXT } from './text';
import { ToolPanel } from './tools/ToolPanel';

export function SidePanel({ session }: { session: ReadingSession }) {
  return (
    <>
      <PatientSummary session={session} />
      <LesionTable session={session} />
      <ToolPanel session={session} />
      <ScorePanel session={session} />
    </>
  );
}

function PatientSummary({ session }: { session: ReadingSession }) {
  const summary = useStateOf(session, (s) => s.summary);
  const provisional = useStateOf(session, (s) => s.rows.some((row) => row.provisional && row.status !== 'deleted'));
  const title = provisional ? TEXT.provisional : undefined;
  return (
    <div className={css.section} data-testid="summary">
      <h2>{TEXT.summary}</h2>
      <div className={css.sum} title={title}>
        <Figure name={TEXT.ttv} value={formatMl(summary.ttvMl)} id="summary-ttv" />
        <Figure name={TEXT.lowestMean} value={formatNumber(summary.lowestMean, 1)} id="summary-lowest-mean" />
        <Figure name={TEXT.suvMax} value={formatNumber(summary.suvMax, 1)} id="summary-suv-max" />
        <Figure name={TEXT.lesions(summary.count)} value={String(summary.count)} id="summary-count" />
      </div>
    </div>
  );
}

function Figure({ name, value, id }: { name: string; value: string; id: string }) {
  return (
    <div>
      <b data-testid={id}>{value}</b>
      <span>{name}</span>
    </div>
  );
}
