/** Small controls of the tool panel. They leave the focus where it is, so that the room's keys go on. */

import { type ReactNode, useState } from 'react';

import { keepFocus } from '../keepFocus';
import { useStore } from '../store';
import type { ReadingSession } from '../session';
import css from './tools.module.css';
import type { ToolOptions } from './options';

export function useOption<K extends keyof ToolOptions>(session: ReadingSession, key: K): ToolOptions[K] {
  return useStore(session.tools.options, (options) => options[key]);
}

interface ChoiceProps {
  on: boolean;
  onClick: () => void;
  id?: string;
  title?: string;
  off?: boolean;
  children: ReactNode;
}

export function Choice({ on, onClick, id, title, off = false, children }: ChoiceProps) {
  return (
    <button type="button" className={css.choice} aria-pressed={on} disabled={off} title={title} data-testid={id} onMouseDown={keepFocus} onClick={onClick}>
      {children}
    </button>
  );
}

export function Row({ name, children }: { name?: string; children: ReactNode }) {
  return (
    <div className={css.row}>
      {name !== undefined && <span className={css.rowName}>{name}</span>}
      {children}
    </div>
  );
}

interface NumberBoxProps {
  label: string;
  value: number;
  min: number;
  max: number;
  step: number;
  id: string;
  onValue: (value: number) => void;
}

/** Takes what is typed as soon as it is a number in range; Enter and Escape give the keys back to the room. */
export function NumberBox({ label, value, min, max, step, id, onValue }: NumberBoxProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const take = (text: string): void => {
    setTyped(text);
    const number = Number(text);
    if (text.trim() !== '' && Number.isFinite(number) && number >= min && number <= max) onValue(number);
  };
  return (
    <input
      className={css.number}
      type="number"
      aria-label={label}
      title={label}
      data-testid={id}
      min={min}
      max={max}
      step={step}
      value={typed ?? value}
      onChange={(event) => take(event.target.value)}
      onBlur={() => setTyped(null)}
      onKeyDown={(event) => {
        if (event.key === 'Enter' || event.key === 'Escape') event.currentTarget.blur();
      }}
    />
  );
}
