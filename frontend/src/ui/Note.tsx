import type { ReactNode } from 'react';

import { ApiError, messageOf } from '../api/errors';
import { Button } from './Button';
import css from './ui.module.css';

interface NoteProps {
  tone?: 'accent' | 'ok' | 'warn' | 'bad';
  title?: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
}

export function Note({ tone = 'accent', title, children, actions }: NoteProps) {
  return (
    <div className={css.note} data-tone={tone} role={tone === 'bad' ? 'alert' : 'status'}>
      <div className={css.grow}>
        {title !== undefined && <h3>{title}</h3>}
        {children}
      </div>
      {actions}
    </div>
  );
}

interface ErrorNoteProps {
  /** What could not be done, as a sentence. */
  title: string;
  /** Why: whatever was thrown. */
  error: unknown;
  onRetry?: (() => void) | undefined;
}

/** An error in the page, with its code: what a user reads out to support. */
export function ErrorNote({ title, error, onRetry }: ErrorNoteProps) {
  return (
    <Note tone="bad" title={title} actions={onRetry && <Button onClick={onRetry}>Try again</Button>}>
      <p>
        {messageOf(error)} {error instanceof ApiError && <code>{error.code}</code>}
      </p>
    </Note>
  );
}
