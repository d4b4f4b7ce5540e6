import type { Comparison } from '../../../api/types';
import { formatDateTime, formatMl } from '../../../ui/format';
import { Kbd } from '../../../ui/Kbd';
import { cssColour } from '../../../viewer/colours';
import { BOTH_COLOUR, HERE_COLOUR, shareColour, THERE_COLOUR } from '../../../viewer/render/layers';
import { keepFocus } from '../keepFocus';
import type { ReadingSession } from '../session';
import { useStore } from '../store';
import { Choice } from '../tools/controls';
import type { ChangeKind, Difference, LesionChange } from './comparison';
import css from './compare.module.css';
import type { CompareState } from './compare';
import { COMPARE_TEXT, DISAGREEMENT_TEXT } from './text';

const KINDS: readonly ChangeKind[] = ['gained', 'lost', 'changed', 'same'];

function useCompare<S>(session: ReadingSession, select: (state: CompareState) => S): S {
  return useStore(session.compare.state, select);
}

/** Which version lies beside the edited one, how, and what differs. */
export function ComparePanel({ session }: { session: ReadingSession }) {
  const { open, choices, chosen, view, loading, difference, problem } = useCompare(session, (s) => s);
  if (!open) return null;
  return (
    <section className={css.panel} data-testid="compare" data-view={view} aria-label={COMPARE_TEXT.title}>
      <h2>
        <span>
          {COMPARE_TEXT.title} <Kbd>Y</Kbd>
        </span>
        <button type="button" className={css.close} aria-label={COMPARE_TEXT.close} title={COMPARE_TEXT.close} onMouseDown={keepFocus} onClick={() => session.compare.close()}>
          ×
        </button>
      </h2>
      <div className={css.line}>
        <select
          className={css.select}
          aria-label={COMPARE_TEXT.with}
          value={chosen?.version ?? ''}
          onChange={(event) => {
            void session.compare.choose(event.target.value);
            event.target.blur();
          }}
          data-testid="compare-with"
        >
          {choices.map((one) => (
            <option key={one.version} value={one.version}>
              {nameOf(one)}
            </option>
          ))}
        </select>
        {(['outlines', 'difference'] as const).map((one) => (
          <Choice key={one} id={`compare-${one}`} on={view === one} onClick={() => session.compare.setView(one)}>
            {COMPARE_TEXT.views[one]}
          </Choice>
        ))}
      </div>
      {loading && (
        <p className={css.muted} role="status">
          {COMPARE_TEXT.loading}
        </p>
      )}
      {problem !== null && (
        <p className={css.problem} role="alert">
          {problem}
        </p>
      )}
      {difference !== null && (
        <>
          <Legend view={view} />
          <Counts difference={difference} />
          <Changes session={session} difference={difference} />
        </>
      )}
    </section>
  );
}

function nameOf({ title, created_at: time }: Comparison): string {
  return COMPARE_TEXT.version(title, time === null ? null : formatDateTime(time).slice(-5));
}

function Legend({ view }: { view: CompareState['view'] }) {
  if (view === 'outlines') {
    return (
      <div className={css.legend}>
        <span>
          <i style={{ borderColor: 'var(--text)' }} aria-hidden="true" /> {COMPARE_TEXT.legend.outlines.here}
        </span>
        <span>
          <i style={{ borderColor: THERE_COLOUR, borderTopStyle: 'dashed' }} aria-hidden="true" /> {COMPARE_TEXT.legend.outlines.there}
        </span>
      </div>
    );
  }
  const colours = { here: HERE_COLOUR, there: THERE_COLOUR, both: BOTH_COLOUR };
  return (
    <div className={css.legend}>
      {(['here', 'there', 'both'] as const).map((kind) => (
        <span key={kind}>
          <i data-kind="block" style={{ background: colours[kind] }} aria-hidden="true" /> {COMPARE_TEXT.legend.difference[kind]}
        </span>
      ))}
    </div>
  );
}

function Counts({ difference }: { difference: Difference }) {
  const words = KINDS.filter((kind) => difference.counts[kind] > 0).map((kind) => `${difference.counts[kind]} ${COMPARE_TEXT.counts[kind]}`);
  return (
    <div className={css.line} data-testid="compare-counts">
      <b>{words.length > 0 ? words.join(' · ') : COMPARE_TEXT.nothing}</b>
      <span className={css.muted} data-testid="compare-ml">
        {mlOf(difference)}
      </span>
    </div>
  );
}

function Changes({ session, difference }: { session: ReadingSession; difference: Difference }) {
  const changes = difference.lesions.filter((one) => one.kind !== 'same');
  if (changes.length === 0) return null;
  return (
    <ul className={css.changes} data-testid="compare-changes">
      {changes.map((one) => (
        <li key={`${one.kind}-${one.label}`} data-testid={`change-${one.label}`} data-kind={one.kind}>
          <button type="button" onMouseDown={keepFocus} onClick={() => session.compare.look(one)}>
            <span>
              <i style={{ background: cssColour(one.label) }} aria-hidden="true" />
              {one.label}
            </span>
            <small>{wordsOf(one)}</small>
            <span>{mlOf(one)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

/** What was gained and lost, without what is nothing. */
function mlOf({ gainedMl, lostMl }: Pick<LesionChange, 'gainedMl' | 'lostMl'>): string {
  return [gainedMl > 0 ? COMPARE_TEXT.gained(formatMl(gainedMl)) : '', lostMl > 0 ? COMPARE_TEXT.lost(formatMl(lostMl)) : ''].filter(Boolean).join(', ');
}

function wordsOf({ kind, touches }: LesionChange): string {
  return touches.length === 0 ? COMPARE_TEXT.row(kind) : `${COMPARE_TEXT.row(kind)}, ${COMPARE_TEXT.touching(touches)}`;
}

/** The colour scale, while the map lies over the planes. */
export function DisagreementLegend({ session }: { session: ReadingSession }) {
  const shown = useStore(session.disagreement.state, (s) => s.shown && s.offered);
  if (!shown) return null;
  const stops = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const [r, g, b] = shareColour(share);
    return `rgb(${r} ${g} ${b}) ${share * 100}%`;
  });
  return (
    <section className={css.panel} data-testid="disagreement" aria-label={DISAGREEMENT_TEXT.title}>
      <h2>
        <span>
          {DISAGREEMENT_TEXT.title} <Kbd>U</Kbd>
        </span>
        <button
          type="button"
          className={css.close}
          aria-label={DISAGREEMENT_TEXT.hide}
          title={DISAGREEMENT_TEXT.hide}
          onMouseDown={keepFocus}
          onClick={() => session.disagreement.toggle()}
        >
          ×
        </button>
      </h2>
      <div className={css.line}>
        <span className={css.muted}>{DISAGREEMENT_TEXT.none}</span>
        <div className={css.scale} style={{ background: `linear-gradient(90deg, ${stops.join(', ')})` }} aria-hidden="true" />
        <span className={css.muted}>{DISAGREEMENT_TEXT.full}</span>
      </div>
      <p className={css.muted}>{DISAGREEMENT_TEXT.explained}</p>
    </section>
  );
}
