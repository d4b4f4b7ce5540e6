import { Component, type ErrorInfo, type ReactNode } from 'react';

import { messageOf } from '../api/errors';
import { Button } from '../ui/Button';
import { Note } from '../ui/Note';
import css from './app.module.css';
import { text } from './text';

interface State {
  error: unknown;
  failed: boolean;
}

/** The last net: a page that throws says so instead of going white. */
export class ErrorBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { error: null, failed: false };

  static getDerivedStateFromError(error: unknown): State {
    return { error, failed: true };
  }

  override componentDidCatch(error: Error, info: ErrorInfo): void {
    console.error(error, info.componentStack);
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return (
      <main className={css.broken}>
        <Note
          tone="bad"
          title={text.brokenTitle}
          actions={<Button onClick={() => window.location.reload()}>{text.reload}</Button>}
        >
          <p>{text.broken}</p>
          <p>
            <code>{messageOf(this.state.error)}</code>
          </p>
        </Note>
      </main>
    );
  }
}
