import { formatNumber } from '../../../ui/format';
import { Kbd } from '../../../ui/Kbd';
import { useStateOf } from '../Panes';
import type { ReadingSession } from '../session';
import { voiMethods } from './allowed';
import { Choice, NumberBox, Row, useOption } from './controls';
import css from './tools.module.css';
import { TOOL_TEXT } from './text';

const TEXT = TOOL_TEXT.voi;

/** Shape, method and its values; FLAB is run again when one of them is changed. */
export function VoiPanel({ session }: { session: ReadingSession }) {
  const { tools } = session;
  const shape = useOption(session, 'voiShape');
  const subtract = useOption(session, 'voiSubtract');
  const method = useOption(session, 'voiMethod');
  const allowed = useStateOf(session, (s) => s.read.tools);
  return (
    <>
      <Row>
        {(['box', 'sphere', 'planes'] as const).map((one) => (
          <Choice key={one} id={`voi-${one}`} on={shape === one} onClick={() => tools.options.set({ voiShape: one })}>
            {TEXT.shapes[one]}
          </Choice>
        ))}
        <Kbd>D</Kbd>
        <span className={css.right}>
          <Choice id="voi-subtract" on={subtract} title={TEXT.shift} onClick={() => tools.options.set({ voiSubtract: !subtract })}>
            {TEXT.subtract}
          </Choice>
          <Kbd>Z</Kbd>
        </span>
      </Row>
      <p className={css.muted}>
        {TEXT.hints[shape]} {TEXT.shift}
      </p>
      <Row>
        {voiMethods(allowed).map((one) => (
          <Choice key={one} id={`voi-method-${one}`} on={method === one} onClick={() => tools.set({ voiMethod: one })}>
            {TEXT.methods[one]}
          </Choice>
        ))}
        <Kbd>J</Kbd>
        <ThresholdValue session={session} />
      </Row>
      {method === 'flab' && <Flab session={session} />}
    </>
  );
}

function ThresholdValue({ session }: { session: ReadingSession }) {
  const { tools } = session;
  const method = useOption(session, 'voiMethod');
  const percent = useOption(session, 'percent');
  const fixedSuv = useOption(session, 'fixedSuv');
  if (method === 'percent') return <NumberBox id="voi-percent" label={TEXT.methods.percent} value={percent} min={1} max={99} step={1} onValue={(value) => tools.set({ percent: value })} />;
  if (method === 'fixed') return <NumberBox id="voi-suv" label={TEXT.methods.fixed} value={fixedSuv} min={0.1} max={200} step={0.1} onValue={(value) => tools.set({ fixedSuv: value })} />;
  return null;
}

function Flab({ session }: { session: ReadingSession }) {
  const { tools } = session;
  const classes = useOption(session, 'flabClasses');
  const stochastic = useOption(session, 'flabStochastic');
  const seed = useOption(session, 'flabSeed');
  return (
    <>
      <Row>
        {([2, 3] as const).map((one) => (
          <Choice key={one} id={`flab-classes-${one}`} on={classes === one} onClick={() => tools.set({ flabClasses: one, flabMeans: null, flabSds: null })}>
            {TEXT.classes(one)}
          </Choice>
        ))}
        <Choice id="flab-stochastic" on={stochastic} onClick={() => tools.set({ flabStochastic: !stochastic })}>
          {TEXT.stochastic}
        </Choice>
        {stochastic && (
          <>
            <span className={css.muted}>{TEXT.seed}</span>
            <NumberBox id="flab-seed" label={TEXT.seed} value={seed} min={0} max={2147483647} step={1} onValue={(value) => tools.set({ flabSeed: Math.round(value) })} />
          </>
        )}
      </Row>
      <Initial session={session} />
    </>
  );
}

/** What FLAB started from, to be changed and run again (as in the second paper's method). */
function Initial({ session }: { session: ReadingSession }) {
  const { tools } = session;
  const classes = useOption(session, 'flabClasses');
  const means = useOption(session, 'flabMeans');
  const sds = useOption(session, 'flabSds');
  // The report belongs to the preview: read it again when that changes.
  useStateOf(session, (s) => s.preview);
  const raw: Readonly<Record<string, unknown>> = tools.all?.voi.report?.raw ?? {};
  const used = { means: means ?? numbersOf(raw['initial_means'], classes), sds: sds ?? numbersOf(raw['initial_sds'], classes) };
  const found = numbersOf(raw['means'], classes);
  const change = (kind: 'means' | 'sds', n: number, value: number): void => {
    const base = used[kind];
    if (base === null) return;
    const next = base.map((one, k) => (k === n ? value : one));
    tools.set(kind === 'means' ? { flabMeans: next } : { flabSds: next });
  };
  const boxes = (kind: 'means' | 'sds', name: string) =>
    used[kind] !== null && (
      <Row name={name}>
        {used[kind].map((value, n) => (
          <NumberBox
            key={n}
            id={`flab-${kind}-${n}`}
            label={`${TEXT.initial}: ${name} ${n + 1}`}
            value={Number(value.toFixed(2))}
            min={kind === 'sds' ? 0.01 : 0}
            max={1000}
            step={0.1}
            onValue={(next) => change(kind, n, next)}
          />
        ))}
      </Row>
    );
  return (
    <>
      {boxes('means', `${TEXT.initial}: ${TEXT.means}`)}
      {boxes('sds', TEXT.sds)}
      <Row>
        <Choice id="flab-automatic" on={means === null && sds === null} onClick={() => tools.set({ flabMeans: null, flabSds: null })}>
          {TEXT.automatic}
        </Choice>
        <Choice id="flab-rerun" on={false} off={(tools.all?.voi.shapes ?? 0) === 0} onClick={() => tools.set({})}>
          {TEXT.rerun}
        </Choice>
        {found !== null && <span className={css.muted}>{TEXT.final(found.map((one) => formatNumber(one, 1)).join(' · '))}</span>}
      </Row>
    </>
  );
}

function numbersOf(value: unknown, count: number): number[] | null {
  return Array.isArray(value) && value.length === count && value.every((one) => typeof one === 'number') ? (value as number[]) : null;
}
