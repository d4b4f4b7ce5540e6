import { classes } from '../../ui/classes';
import { formatMl, formatNumber } from '../../ui/format';
import { Kbd } from '../../ui/Kbd';
import { ComparePanel, DisagreementLegend } from './compare/ComparePanel';
import { COMPARE_TEXT, DISAGREEMENT_TEXT } from './compare/text';
import { GuidePanel } from './guided/GuidePanel';
import { GUIDE_TEXT } from './guided/text';
import { keepFocus } from './keepFocus';
import { LesionTable } from './LesionTable';
import tableCss from './lesionTable.module.css';
import { useStateOf } from './Panes';
import css from './ReadingRoom.module.css';
import { ScorePanel } from './ScorePanel';
import type { ReadingSession } from './session';
import { useStore } from './store';
import { TEXT } from './text';
import { ToolPanel } from './tools/ToolPanel';

export function SidePanel({ session }: { session: ReadingSession }) {
  const open = useStateOf(session, (s) => s.read.state === 'open');
  const placing = useStore(session.guide.state, (s) => s.open && s.step !== 'correct');
  const guiding = useStore(session.guide.state, (s) => s.open);
  const comparing = useStore(session.compare.state, (s) => s.open);
  // While a read is edited the score waits anyway: its place goes to what is being done.
  const waits = open && (guiding || comparing);
  return (
    <>
      <PatientSummary session={session} />
      <GuidePanel session={session} />
      <ComparePanel session={session} />
      <DisagreementLegend session={session} />
      <LesionTable session={session} />
      {!placing && <ToolPanel session={session} />}
      {!waits && <ScorePanel session={session} />}
    </>
  );
}

/** TTV with the lowest lesion SUVmean, and what else is always asked for. */
function PatientSummary({ session }: { session: ReadingSession }) {
  const summary = useStateOf(session, (s) => s.summary);
  const provisional = useStateOf(session, (s) => s.rows.some((row) => row.provisional && row.status !== 'deleted'));
  const title = provisional ? TEXT.provisional : undefined;
  return (
    <div className={css.section} data-testid="summary">
      <div className={tableCss.title}>
        <h2>{TEXT.summary}</h2>
        <Modes session={session} />
      </div>
      <div className={tableCss.sum} title={title}>
        <Figure name={TEXT.ttv} value={formatMl(summary.ttvMl)} id="summary-ttv" />
        <LowestMean session={session} />
        <Figure name={TEXT.suvMax} value={formatNumber(summary.suvMax, 1)} id="summary-suv-max" />
        <Figure name={TEXT.columns.tlg} value={formatNumber(summary.tlg, 0)} id="summary-tlg" />
        <Figure name={TEXT.lesions(summary.count)} value={String(summary.count)} id="summary-count" />
      </div>
    </div>
  );
}

/** The lesion that gives the lowest SUVmean, with its size and rule: under 1 mL, or by mixed rules, it says little. */
function LowestMean({ session }: { session: ReadingSession }) {
  const { lowestMean, lowestMeanLabel } = useStateOf(session, (s) => s.summary);
  const rows = useStateOf(session, (s) => s.rows);
  const row = rows.find((one) => one.label === lowestMeanLabel) ?? null;
  const rules = new Set(rows.filter((one) => one.status !== 'deleted').map((one) => one.boundaryRule.split(' (')[0]));
  const doubts = [row !== null && row.volumeMl < 1 ? TEXT.lowestSmall : '', rules.size > 1 ? TEXT.lowestMixed : ''].filter(Boolean);
  const title = row === null ? undefined : [TEXT.lowestOf(row.label, formatMl(row.volumeMl)), row.boundaryRule, ...doubts].filter(Boolean).join(' · ');
  return (
    <button type="button" title={title} disabled={row === null} onMouseDown={keepFocus} onClick={() => row !== null && session.select(row.label)}>
      <b data-testid="summary-lowest-mean">{formatNumber(lowestMean, 1)}</b>
      <span className={classes(doubts.length > 0 && tableCss.doubt)} data-testid="summary-lowest-lesion">
        {row === null ? TEXT.lowestMean : TEXT.lowestBy(row.label)}
      </span>
    </button>
  );
}

/** Ways of working that are not tools. */
function Modes({ session }: { session: ReadingSession }) {
  const open = useStateOf(session, (s) => s.read.state === 'open');
  const mayGuide = useStateOf(session, (s) => s.read.tools.includes('whole_body'));
  const guiding = useStore(session.guide.state, (s) => s.open);
  const comparing = useStore(session.compare.state, (s) => s.open);
  const offered = useStore(session.disagreement.state, (s) => s.offered);
  const shown = useStore(session.disagreement.state, (s) => s.shown);
  return (
    <>
      {open && mayGuide && <Mode id="guide" name={GUIDE_TEXT.short} title={GUIDE_TEXT.title} keys="G" on={guiding} onClick={() => session.guide.toggle()} />}
      <Mode id="compare" name={COMPARE_TEXT.title} title={COMPARE_TEXT.explained} keys="Y" on={comparing} onClick={() => session.compare.toggle()} />
      {offered && <Mode id="disagreement" name={DISAGREEMENT_TEXT.short} title={DISAGREEMENT_TEXT.title} keys="U" on={shown} onClick={() => session.disagreement.toggle()} />}
    </>
  );
}

function Mode({ id, name, title, keys, on, onClick }: { id: string; name: string; title: string; keys: string; on: boolean; onClick: () => void }) {
  return (
    <button type="button" className={tableCss.mode} title={title} aria-pressed={on} data-testid={`mode-${id}`} onMouseDown={keepFocus} onClick={onClick}>
      {name} <Kbd>{keys}</Kbd>
    </button>
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
