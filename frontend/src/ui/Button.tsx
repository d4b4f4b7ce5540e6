import type { AnchorHTMLAttributes, ButtonHTMLAttributes } from 'react';

import { classes } from './classes';
import css from './ui.module.css';

export type ButtonTone = 'plain' | 'primary' | 'danger' | 'quiet';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  tone?: ButtonTone;
  /** Shows a spinner and refuses presses while something is under way. */
  busy?: boolean;
}

export function Button({ tone = 'plain', busy = false, className, children, disabled, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={classes(css.button, tone !== 'plain' && css[tone], className)}
      disabled={disabled === true || busy}
      aria-busy={busy}
    >
      {busy && <i className={css.spinner} aria-hidden="true" />}
      {children}
    </button>
  );
}

interface ButtonLinkProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  tone?: ButtonTone;
}

/** A link that looks like a button: downloads and addresses outside the router. */
export function ButtonLink({ tone = 'plain', className, children, ...rest }: ButtonLinkProps) {
  return (
    <a {...rest} className={classes(css.button, tone !== 'plain' && css[tone], className)}>
      {children}
    </a>
  );
}

/** The same look for a router's own link component. */
export const buttonClass = (tone: ButtonTone = 'plain'): string =>
  classes(css.button, tone !== 'plain' && css[tone]) ?? '';
