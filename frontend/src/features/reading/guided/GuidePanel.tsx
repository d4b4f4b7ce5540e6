import { useState } from 'react';

import { Button } from '../../../ui/Button';
import { formatMl, formatNumber } from '../../../ui/format';
import { Kbd } from '../../../ui/Kbd';
import { cssColour } from '../../../viewer/colours';
import { keepFocus } from '../keepFocus';
import { useStateOf } from '../Panes';
import type { ReadingSession } from '../session';
import { useStore } from '../store';
import { Choice, NumberBox } from '../tools/controls';
import type { Component, GuideState, Step } from './guide';
import css from './guided.module.css';
import { earlyWarnings, formatVariation, formulaOf, type Organ } from './roi';
import { GUIDE_TEXT } from './text';

const NUMBER_OF: Readonly<Record<Step, number>> = { roi: 0, fallback: 0, segment: 1, correct: 2 };

function useGuide<S>(session: ReadingSession, select: (state: GuideState) => S): S {
  return useStore(session.guide.state, select);
}

/** The three steps of the method, or the offer to begin with them. */
export function GuidePanel({ session }: { session: ReadingSession }) {
  const open = useGuide(session, (s) => s.open);
  const step = useGuide(session, (s) => s.step);
  const problem = useGuide(session, (s) => s.problem);
  const readOpen = useStateOf(session, (s) => s.read.state === 'open');
  // Elsewhere the key begins it: an empty arm must not be led to the method of another.
  const isTheArm = useStateOf(session, (s) => s.read.start === 'semi_automatic');
  if (!readOpen || !open) return <Standing session={session} offers={readOpen && isTheArm} />;
  const now = NUMBER_OF[step];
  return (
    <section className={css.panel} data-testid="guide" data-step={step} aria-label={GUIDE_TEXT.title}>
      <h2>
        {GUIDE_TEXT.title}
        <button type="button" className={css.close} aria-label={GUIDE_TEXT.close} title={GUIDE_TEXT.close} onMouseDown={keepFocus} onClick={() => session.guide.close()}>
          ×
        </button>
      </h2>
      <ol className={css.steps}>
        {GUIDE_TEXT.steps.map((name, n) => (
          <li key={name} aria-current={n === now ? 'step' : undefined} data-done={n < now}>
            {name}
          </li>
        ))}
      </ol>
      {step === 'roi' && <SphereStep session={session} />}
      {step === 'fallback' && <FallbackStep session={session} />}
      {step === 'segment' && <SegmentStep session={session} />}
      {step === 'correct' && <CorrectStep session={session} />}
      {problem !== null && (
        <p className={css.problem} role="alert" data-testid="guide-problem">
          {problem}
        </p>
      )}
    </section>
  );
}

/** While the path is closed: the offer at the start of an empty read, and a statement that was recorded. */
function Standing({ session, offers }: { session: ReadingSession; offers: boolean }) {
  const notEvaluable = useGuide(session, (s) => s.notEvaluable);
  const declined = useGuide(session, (s) => s.declined);
  const ready = useStateOf(session, (s) => isFresh(s));
  if (notEvaluable !== null) {
    return (
      <div className={css.banner} role="status" data-testid="not-evaluable">
        {GUIDE_TEXT.recorded(GUIDE_TEXT.reasons[notEvaluable] ?? notEvaluable)} {offers && <span className={css.muted}>{GUIDE_TEXT.withdraw}</span>}
      </div>
    );
  }
  if (!offers || declined || !ready) return null;
  return (
    <section className={css.panel} data-testid="guide-offer">
      <h2>{GUIDE_TEXT.title}</h2>
      <p className={css.line}>{GUIDE_TEXT.offer}</p>
      <div className={css.line}>
        <Button tone="primary" onMouseDown={keepFocus} onClick={() => session.guide.begin()} data-testid="guide-begin">
          {GUIDE_TEXT.begin} <Kbd>G</Kbd>
        </Button>
        <Button onMouseDown={keepFocus} onClick={() => session.guide.decline()} data-testid="guide-decline">
          {GUIDE_TEXT.without}
        </Button>
      </div>
    </section>
  );
}

/** Started without lesions and nothing done yet: what the read itself says, whatever its arm is called. */
function isFresh({ read, rows, undoTool, stage, pet, startMl }: ReturnType<ReadingSession['state']['get']>): boolean {
  const arrived = stage === 'pet' || stage === 'ready';
  return arrived && !read.scored && read.head.id === read.first_version && startMl.size === 0 && rows.length === 0 && undoTool === null && pet?.suv?.valid === true;
}

function SphereStep({ session }: { session: ReadingSession }) {
  const organ = useGuide(session, (s) => s.organ);
  const placed = useGuide(session, (s) => s.placed);
  const record = useGuide(session, (s) => s.record);
  return (
    <>
      <div className={css.line}>
        {(['liver', 'spleen'] as const).map((one) => (
          <Choice key={one} id={`guide-${one}`} on={organ === one} onClick={() => session.guide.chooseOrgan(one)} {...(one === 'spleen' ? { title: GUIDE_TEXT.spleenHint } : {})}>
            {GUIDE_TEXT.organs[one]}
          </Choice>
        ))}
        <Choice id="guide-neither" on={false} onClick={() => session.guide.showFallback()}>
          {GUIDE_TEXT.neither}
        </Choice>
      </div>
      <RoiFigures session={session} organ={organ} />
      {placed ? (
        <div className={css.line}>
          <Button tone="primary" disabled={record === null} onMouseDown={keepFocus} onClick={() => void session.guide.segment()} data-testid="guide-segment">
            {GUIDE_TEXT.segment} <Kbd>Enter</Kbd>
          </Button>
          <span className={css.muted}>
            <Kbd>←↑↓→</Kbd> {GUIDE_TEXT.nudge}
          </span>
        </div>
      ) : (
        <p className={css.muted}>{organ === 'liver' ? GUIDE_TEXT.point : GUIDE_TEXT.pointSpleen}</p>
      )}
    </>
  );
}

/** The server's numbers where it has answered, the browser's own until then. */
function RoiFigures({ session, organ }: { session: ReadingSession; organ: Organ }) {
  const values = useGuide(session, (s) => s.values);
  const record = useGuide(session, (s) => s.record);
  const placed = useGuide(session, (s) => s.placed);
  if (values === null) return null;
  const mean = record?.suv_mean ?? values.mean;
  const sd = record?.suv_sd ?? values.sd;
  const threshold = record?.threshold_suv ?? values.thresholdSuv;
  const variation = record === null ? values.variation : record.coefficient_of_variation;
  const formula = formulaOf(organ, mean, sd, threshold).split(' = ');
  return (
    <div data-testid="guide-roi" data-record={record !== null}>
      <div className={css.figures} aria-live="off">
        <Figure name={GUIDE_TEXT.mean} value={formatNumber(mean, 2)} id="guide-mean" />
        <Figure name={GUIDE_TEXT.sd} value={formatNumber(sd, 2)} id="guide-sd" />
        <Figure name={GUIDE_TEXT.variation} value={formatVariation(variation)} id="guide-cov" />
        <Figure name={GUIDE_TEXT.voxels} value={String(record?.voxel_count ?? values.voxelCount)} id="guide-voxels" />
      </div>
      <div className={css.formula}>
        {GUIDE_TEXT.organs[organ]}: {formula[0]} = <b data-testid="guide-threshold">{formula[1]}</b>
      </div>
      <div className={css.muted}>{record !== null ? GUIDE_TEXT.record : placed ? GUIDE_TEXT.measuring : GUIDE_TEXT.live}</div>
      <Warnings of={record === null ? earlyWarnings(values) : record.warnings.map((one) => one.message)} />
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

function Warnings({ of }: { of: readonly string[] }) {
  if (of.length === 0) return null;
  return (
    <ul className={css.warnings} data-testid="guide-warnings">
      {of.map((text) => (
        <li key={text}>{text}</li>
      ))}
    </ul>
  );
}

function SegmentStep({ session }: { session: ReadingSession }) {
  const computing = useGuide(session, (s) => s.computing);
  const preview = useGuide(session, (s) => s.preview);
  if (computing || preview === null) {
    return (
      <div className={css.line} role="status">
        <span className={css.busy}>
          <i aria-hidden="true" /> {GUIDE_TEXT.segmenting}
        </span>
        <Button onMouseDown={keepFocus} onClick={() => session.guide.back()} data-testid="guide-cancel">
          {GUIDE_TEXT.cancel} <Kbd>Esc</Kbd>
        </Button>
      </div>
    );
  }
  const { components, volumeMl, seconds, proposal } = preview;
  return (
    <>
      <div role="status">
        <b data-testid="guide-preview">{GUIDE_TEXT.preview(components.length, formatMl(volumeMl))}</b>{' '}
        <span className={css.muted}>{GUIDE_TEXT.took(formatNumber(seconds, 1))}</span>
      </div>
      <ul className={css.components} data-testid="guide-components">
        {components.map((one) => (
          <ComponentLine key={one.label} session={session} component={one} />
        ))}
      </ul>
      <Warnings of={proposal.report.warnings} />
      <div className={css.line}>
        <Button tone="primary" onMouseDown={keepFocus} onClick={() => session.guide.accept()} data-testid="guide-accept">
          {GUIDE_TEXT.accept} <Kbd>Enter</Kbd>
        </Button>
        <Button onMouseDown={keepFocus} onClick={() => session.guide.back()} data-testid="guide-back">
          {GUIDE_TEXT.back} <Kbd>Esc</Kbd>
        </Button>
      </div>
      <p className={css.muted}>{GUIDE_TEXT.nothingStored}</p>
    </>
  );
}

function ComponentLine({ session, component }: { session: ReadingSession; component: Component }) {
  const look = (): void => {
    const grid = session.pet?.grid;
    const middle = component.voxels[component.voxels.length >> 1];
    if (grid !== undefined && middle !== undefined) session.moveCursor(grid.unflat(middle));
  };
  return (
    <li>
      <button type="button" onMouseDown={keepFocus} onClick={look}>
        <i style={{ background: cssColour(component.label) }} aria-hidden="true" />
        {component.label}
        <span>{formatMl(component.volumeMl)} mL</span>
      </button>
    </li>
  );
}

function CorrectStep({ session }: { session: ReadingSession }) {
  const count = useStateOf(session, (s) => s.summary.count);
  const ml = useStateOf(session, (s) => s.summary.ttvMl);
  return (
    <>
      <p>{GUIDE_TEXT.correct}</p>
      <dl className={css.keys}>
        {GUIDE_TEXT.correctKeys.map(([key, text]) => (
          <div key={key} style={{ display: 'contents' }}>
            <dt>
              <Kbd>{key}</Kbd>
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <div className={css.line}>
        <b data-testid="guide-left">{GUIDE_TEXT.left(count, formatMl(ml))}</b>
        <Button onMouseDown={keepFocus} onClick={() => session.guide.close()} data-testid="guide-done">
          {GUIDE_TEXT.done}
        </Button>
      </div>
    </>
  );
}

function FallbackStep({ session }: { session: ReadingSession }) {
  const plan = useStateOf(session, (s) => s.read.fallback);
  const chosen = useGuide(session, (s) => s.fixedSuv);
  const fixedSuv = plan.suv ?? chosen;
  const [reason, setReason] = useState('liver_replaced_spleen_absent');
  return (
    <>
      <p className={css.muted} data-testid="guide-fallback">
        {GUIDE_TEXT.fallback[plan.rule]}
      </p>
      {plan.rule !== 'not_evaluable' && (
      <div className={css.line}>
        {plan.rule === 'reader' && <NumberBox label={GUIDE_TEXT.fixedLabel} value={fixedSuv} min={0.1} max={200} step={0.1} id="guide-fixed" onValue={(value) => session.guide.setFixed(value)} />}
        <Button onMouseDown={keepFocus} onClick={() => void session.guide.segment()} data-testid="guide-use-fixed">
          {GUIDE_TEXT.fixed(formatNumber(fixedSuv, 1))}
        </Button>
      </div>
      )}
      <p className={css.line}>
        <b>{GUIDE_TEXT.notEvaluable}</b> <span className={css.muted}>{GUIDE_TEXT.notEvaluableExplained}</span>
      </p>
      <div className={css.line}>
        <select className={css.select} aria-label={GUIDE_TEXT.reason} value={reason} onChange={(event) => setReason(event.target.value)} data-testid="guide-reason">
          {Object.entries(GUIDE_TEXT.reasons).map(([key, text]) => (
            <option key={key} value={key}>
              {text}
            </option>
          ))}
        </select>
        <Button onMouseDown={keepFocus} onClick={() => session.guide.declareNotEvaluable(reason)} data-testid="guide-not-evaluable">
          {GUIDE_TEXT.notEvaluable}
        </Button>
      </div>
    </>
  );
}
