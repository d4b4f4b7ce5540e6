import { formatNumber } from '../../../ui/format';
import { Kbd } from '../../../ui/Kbd';
import { useStateOf } from '../Panes';
import type { ReadingSession } from '../session';
import { FARTHEST_LOCAL_MM } from './addTool';
import { seedRules } from './allowed';
import { Choice, NumberBox, Row, useOption } from './controls';
import css from './tools.module.css';
import { TOOL_TEXT } from './text';

const PERCENTS = [40, 41, 50];
const FIXED = [2.5, 4];
const TEXT = TOOL_TEXT.add;

/** How "Add" draws its outline. */
export function AddPanel({ session }: { session: ReadingSession }) {
  const rule = useOption(session, 'seedRule');
  const allowed = useStateOf(session, (s) => s.read.tools);
  return (
    <>
      <div className={css.line}>
        <RuleText session={session} />
        <span className={css.muted}>
          <Kbd>D</Kbd> {TEXT.ruleKey}
        </span>
      </div>
      <Row>
        {seedRules(allowed).map((one) => (
          <Choice key={one} id={`rule-${one}`} on={rule === one} onClick={() => session.tools.set({ seedRule: one })}>
            {TEXT.short[one]}
          </Choice>
        ))}
      </Row>
      <Row>
        <RuleValue session={session} />
        <Radius session={session} />
      </Row>
    </>
  );
}

function RuleText({ session }: { session: ReadingSession }) {
  const rule = useOption(session, 'seedRule');
  const percent = useOption(session, 'percent');
  const fixedSuv = useOption(session, 'fixedSuv');
  const background = useOption(session, 'backgroundPercent');
  const roi = useStateOf(session, (s) => s.roiRecords[0]);
  const texts = {
    percent: TEXT.percentRule(formatNumber(percent, 0)),
    fixed: TEXT.fixedRule(formatNumber(fixedSuv, 1)),
    roi: roi === undefined ? TEXT.noRoi : TEXT.roiValue(roi.organ, formatNumber(roi.threshold_suv, 2)),
    background: TEXT.backgroundRule(formatNumber(background, 0)),
    gradient: TEXT.gradientRule,
    flab: TEXT.flabRule,
  };
  return <span data-testid="rule-text">{texts[rule]}</span>;
}

/** The numbers of the rule that is chosen. */
function RuleValue({ session }: { session: ReadingSession }) {
  const { tools } = session;
  const rule = useOption(session, 'seedRule');
  const percent = useOption(session, 'percent');
  const fixedSuv = useOption(session, 'fixedSuv');
  const background = useOption(session, 'backgroundPercent');
  if (rule === 'percent') {
    return (
      <>
        {PERCENTS.map((value) => (
          <Choice key={value} id={`percent-${value}`} on={percent === value} onClick={() => tools.set({ percent: value })}>
            {`${value}`}
          </Choice>
        ))}
        <NumberBox id="threshold-percent" label={TEXT.rules.percent} value={percent} min={1} max={99} step={1} onValue={(value) => tools.set({ percent: value })} />
        <span className={css.muted}>%</span>
      </>
    );
  }
  if (rule === 'fixed') {
    return (
      <>
        {FIXED.map((value) => (
          <Choice key={value} id={`fixed-${value}`} on={fixedSuv === value} onClick={() => tools.set({ fixedSuv: value })}>
            {formatNumber(value, 1)}
          </Choice>
        ))}
        <NumberBox id="threshold-fixed" label={TEXT.rules.fixed} value={fixedSuv} min={0.1} max={200} step={0.1} onValue={(value) => tools.set({ fixedSuv: value })} />
      </>
    );
  }
  if (rule !== 'background') return null;
  return (
    <>
      <NumberBox id="threshold-background" label={TEXT.rules.background} value={background} min={1} max={99} step={1} onValue={(value) => tools.set({ backgroundPercent: value })} />
      <span className={css.muted}>%</span>
    </>
  );
}

/** What stops a leak, or how far a method without a threshold looks. */
function Radius({ session }: { session: ReadingSession }) {
  const rule = useOption(session, 'seedRule');
  const stop = useOption(session, 'stopRadiusMm');
  const local = useOption(session, 'localRadiusMm');
  const isLocal = rule === 'gradient' || rule === 'flab';
  return (
    <span className={css.right}>
      <span className={css.muted}>{TEXT.stopRadius}</span>
      <NumberBox
        id="stop-radius"
        label={TEXT.stopRadius}
        value={isLocal ? local : stop}
        min={5}
        max={isLocal ? FARTHEST_LOCAL_MM : 300}
        step={5}
        onValue={(value) => session.tools.set(isLocal ? { localRadiusMm: value } : { stopRadiusMm: value })}
      />
      <span className={css.muted}>mm</span>
      <Kbd>[ ]</Kbd>
    </span>
  );
}
