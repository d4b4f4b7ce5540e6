import type { ReactNode } from 'react';

import { classes } from './classes';
import css from './ui.module.css';

export type Tone = 'plain' | 'ok' | 'warn' | 'bad' | 'accent';

interface ChipProps {
  tone?: Tone;
  /** A dot before the word; "live" makes it breathe while work is under way. */
  dot?: boolean | 'live';
  title?: string;
  children: ReactNode;
}

/** A state, said by word and colour, never by colour alone. */
export function Chip({ tone = 'plain', dot = false, title, children }: ChipProps) {
  return (
    <span className={classes(css.chip, tone !== 'plain' && css[tone])} title={title}>
      {dot !== false && <i className={classes(css.dot, dot === 'live' && css.pulse)} aria-hidden="true" />}
      {children}
    </span>
  );
}
