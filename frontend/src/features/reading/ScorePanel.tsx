import { type KeyboardEvent, useEffect, useRef, useState } from 'react';

import type { Derived } from '../../api/types';
import { Button } from '../../ui/Button';
import { TextArea } from '../../ui/Field';
import { type Flags, LesionFlags } from './LesionFlags';
import { useStateOf } from './Panes';
import css from './ReadingRoom.module.css';
import type { ReadingSession } from './session';
import { TEXT } from './text';

/** Table 1 in the product's own words. Counts and the derived row are shown after the first score only. */
export function ScorePanel({ session }: { session: ReadingSession }) {
  const read = useStateOf(session, (s) => s.read);
  if (!read.scored) return null;
  return (
    <div className={`${css.section} ${css.scorePanel}`} data-testid="score-panel">
      <h2>{TEXT.scoreTitle}</h2>
      {read.state === 'open' ? <Later /> : read.score === null && read.state === 'final' ? <Give session={session} /> : <Given session={session} />}
    </div>
  );
}

function Later() {
  return (
    <>
      <div className={css.muted}>{TEXT.scoreLater}</div>
      <div className={css.score}>
        {TEXT.rows.map(({ row, name, rule }) => (
          <div key={row} className={css.scoreRow} style={{ cursor: 'default' }}>
            <b>{row}</b> {name} <small>{rule}</small>
          </div>
        ))}
      </div>
    </>
  );
}

function Give({ session }: { session: ReadingSession }) {
  const busy = useStateOf(session, (s) => s.busy);
  const [row, setRow] = useState<number | null>(null);
  const [confidence, setConfidence] = useState<number | null>(null);
  const [comment, setComment] = useState('');
  const [flags, setFlags] = useState<Flags>(new Map());
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => panel.current?.focus(), []);
  // Digits choose a row here only: elsewhere they set the window.
  const digit = (event: KeyboardEvent): void => {
    const typing = event.target instanceof HTMLTextAreaElement;
    if (!typing && /^[1-5]$/.test(event.key)) {
      setRow(Number(event.key));
      event.stopPropagation();
      event.preventDefault();
    }
  };
  return (
    <>
      <div className={css.muted}>{TEXT.scoreHint}</div>
      <div ref={panel} className={css.score} role="radiogroup" aria-label={TEXT.scoreTitle} tabIndex={0} data-own-keys onKeyDown={digit} data-testid="score-rows">
        {TEXT.rows.map(({ row: number, name, rule }) => (
          <button
            key={number}
            type="button"
            role="radio"
            aria-checked={row === number}
            tabIndex={-1}
            className={css.scoreRow}
            data-testid={`score-${number}`}
            onClick={() => setRow(number)}
          >
            <b>{number}</b> {name} <small>{rule}</small>
          </button>
        ))}
      </div>
      <Confidence value={confidence} onChange={setConfidence} />
      <TextArea label={`${TEXT.comment} (${TEXT.commentHint})`} rows={1} value={comment} onChange={(event) => setComment(event.target.value)} />
      <LesionFlags session={session} flags={flags} onChange={setFlags} />
      <div className={css.actions}>
        <Button
          tone="primary"
          data-testid="give-score"
          busy={busy === 'score'}
          disabled={row === null}
          onClick={() => row !== null && void session.finish.score(row, confidence, comment.trim(), [...flags.values()])}
        >
          {TEXT.giveScore}
        </Button>
        <span className={css.muted}>{TEXT.scoreOnce}</span>
      </div>
      <p className={css.muted} style={{ marginTop: 8 }}>
        {TEXT.citation}
      </p>
    </>
  );
}

function Confidence({ value, onChange }: { value: number | null; onChange: (value: number) => void }) {
  return (
    <div className={css.confidence} role="radiogroup" aria-label={TEXT.confidence}>
      <span>{TEXT.confidence}</span>
      <span className={css.muted}>{TEXT.confidenceLow}</span>
      {[1, 2, 3, 4, 5].map((number) => (
        <button key={number} type="button" role="radio" aria-checked={value === number} aria-pressed={value === number} className={css.choice} onClick={() => onChange(number)}>
          {number}
        </button>
      ))}
      <span className={css.muted}>{TEXT.confidenceHigh}</span>
    </div>
  );
}

function Given({ session }: { session: ReadingSession }) {
  const read = useStateOf(session, (s) => s.read);
  const given = TEXT.rows.find((one) => one.row === read.score?.row);
  return (
    <>
      {given && (
        <div className={css.score}>
          <div className={css.scoreRow} role="radio" aria-checked="true" data-testid="score-given">
            <b>{given.row}</b> {given.name} <small>{given.rule}</small>
          </div>
        </div>
      )}
      {read.derived && <DerivedRow derived={read.derived} />}
      <p className={css.muted} style={{ marginTop: 8 }}>
        {TEXT.citation}
      </p>
    </>
  );
}

function DerivedRow({ derived }: { derived: Derived }) {
  const { row } = derived;
  return (
    <div style={{ marginTop: 8 }} data-testid="derived-row">
      <div>{row === null ? TEXT.derivedNone : TEXT.derived(row)}</div>
      <div className={css.muted}>{TEXT.derivedCounts(derived.n_final, derived.missing, derived.false_positive, derived.partial)}</div>
    </div>
  );
}
