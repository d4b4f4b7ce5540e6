import { formatNumber } from '../../ui/format';
import { hasValidSuv } from './images';
import { useStateOf } from './Panes';
import css from './ReadingRoom.module.css';
import type { ReadingSession } from './session';
import type { Method, ReadingState } from './state';
import { TEXT } from './text';
import { keepFocus } from './Toolbar';

const PERCENTS = [40, 41, 50];
const FIXED = [2.5, 4];

/** How "Add" draws its outline. */
export function ThresholdPanel({ session }: { session: ReadingSession }) {
  const method = useStateOf(session, (s) => s.method);
  const percent = useStateOf(session, (s) => s.percent);
  const fixedSuv = useStateOf(session, (s) => s.fixedSuv);
  const stopRadiusMm = useStateOf(session, (s) => s.stopRadiusMm);
  const off = useStateOf(session, (s) => s.pet !== null && !hasValidSuv(s.pet));
  const final = useStateOf(session, (s) => s.read.state !== 'open');
  if (final) return null;
  const choose = (change: Partial<ReadingState>): void => {
    session.state.set(change);
    session.refreshPreview();
  };
  const rule = method === 'percent' ? TEXT.percentRule(formatNumber(percent, 0)) : TEXT.fixedRule(formatNumber(fixedSuv, 1));
  return (
    <div className={css.section} data-testid="threshold-panel">
      <h2>{TEXT.threshold}</h2>
      {off ? (
        <div className={css.ruleLine} style={{ color: 'var(--warn)' }}>
          {TEXT.thresholdsOff}
        </div>
      ) : (
        <div className={css.ruleLine}>
          <span>{rule}</span>
          <span className={css.muted}>{TEXT.stopRadius(formatNumber(stopRadiusMm, 0))}</span>
        </div>
      )}
      <div className={css.methods}>
        <span className={css.muted}>{TEXT.percentOfMax}</span>
        {PERCENTS.map((value) => (
          <Choice key={value} off={off} on={method === 'percent' && percent === value} onClick={() => choose({ method: 'percent', percent: value })}>
            {`${value}`}
          </Choice>
        ))}
        <AnyValue method="percent" label={TEXT.percentOfMax} value={percent} min={1} max={99} step={1} off={off} choose={choose} />
        <span className={css.muted} style={{ marginLeft: 6 }}>
          {TEXT.fixedSuv}
        </span>
        {FIXED.map((value) => (
          <Choice key={value} off={off} on={method === 'fixed' && fixedSuv === value} onClick={() => choose({ method: 'fixed', fixedSuv: value })}>
            {formatNumber(value, 1)}
          </Choice>
        ))}
        <AnyValue method="fixed" label={TEXT.fixedSuv} value={fixedSuv} min={0.1} max={200} step={0.1} off={off} choose={choose} />
      </div>
    </div>
  );
}

function Choice({ on, off, onClick, children }: { on: boolean; off: boolean; onClick: () => void; children: string }) {
  return (
    <button type="button" className={css.choice} aria-pressed={on} disabled={off} onMouseDown={keepFocus} onClick={onClick}>
      {children}
    </button>
  );
}

interface AnyValueProps {
  method: Method;
  label: string;
  value: number;
  min: number;
  max: number;
  step: number;
  off: boolean;
  choose: (change: Partial<ReadingState>) => void;
}

function AnyValue({ method, label, value, min, max, step, off, choose }: AnyValueProps) {
  const take = (text: string): void => {
    const number = Number(text);
    if (!Number.isFinite(number) || number < min || number > max) return;
    choose(method === 'percent' ? { method, percent: number } : { method, fixedSuv: number });
  };
  return (
    <input
      className={css.small}
      type="number"
      aria-label={label}
      title={`${label}: ${TEXT.any}`}
      data-testid={`threshold-${method}`}
      min={min}
      max={max}
      step={step}
      value={value}
      disabled={off}
      onChange={(event) => take(event.target.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter' || event.key === 'Escape') event.currentTarget.blur();
      }}
    />
  );
}
