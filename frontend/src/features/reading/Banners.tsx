import type { ReactNode } from 'react';

import { Button } from '../../ui/Button';
import { useStateOf } from './Panes';
import css from './ReadingRoom.module.css';
import type { ReadingSession } from './session';
import { TEXT } from './text';

/** What holds for longer than a moment: where the state lies, who edits, a pause. Under the bar, over nothing. */
export function Banners({ session }: { session: ReadingSession }) {
  const elsewhere = useStateOf(session, (s) => s.editedElsewhere);
  const save = useStateOf(session, (s) => s.save);
  const memoryOnly = useStateOf(session, (s) => s.memoryOnly);
  const why = TEXT.why as Record<string, string>;
  const saying = (code: string | undefined): string => why[code ?? 'default'] ?? TEXT.why.default;
  if (elsewhere !== null) {
    return (
      <Banner id="edited-elsewhere" alert>
        <b>{TEXT.readOnly}.</b> {elsewhere === 'tab' ? TEXT.editedInTab : TEXT.editedInPlace}
        <Button data-testid="edit-here" onClick={() => void session.presence.editHere()}>
          {TEXT.editHere}
        </Button>
      </Banner>
    );
  }
  if (save.kind === 'local') {
    return (
      <Banner id="kept-here" alert>
        {TEXT.localBanner(save.waiting, saying(save.why))}
        {(save.why === 'not_signed_in' || save.why === 'not_found') && (
          <Button data-testid="open-sign-in" onClick={() => session.state.set({ dialog: 'signIn' })}>
            {TEXT.signInAgain}
          </Button>
        )}
      </Banner>
    );
  }
  if (save.kind === 'memory' && save.why !== undefined) {
    return (
      <Banner id="kept-here" alert>
        {TEXT.memoryBanner(save.waiting, saying(save.why))} {TEXT.notOnDiskExplained}
      </Banner>
    );
  }
  if (save.kind === 'away') return <Banner id="away">{TEXT.awayExplained}</Banner>;
  if (memoryOnly) return <Banner id="memory-only">{TEXT.memoryOnly}</Banner>;
  return null;
}

function Banner({ id, alert = false, children }: { id: string; alert?: boolean; children: ReactNode }) {
  return (
    <div className={css.banner} role={alert ? 'alert' : 'status'} data-testid={id}>
      {children}
    </div>
  );
}

/** The images are covered while a pause is declared. */
export function PauseCover({ session }: { session: ReadingSession }) {
  const paused = useStateOf(session, (s) => s.paused);
  if (!paused) return null;
  return (
    <div className={css.cover} role="dialog" aria-label={TEXT.pauseTitle} data-testid="paused">
      <h2>{TEXT.pauseTitle}</h2>
      <p>{TEXT.pauseExplained}</p>
      <Button tone="primary" autoFocus data-testid="go-on" onClick={() => session.setPaused(false)}>
        {TEXT.goOn}
      </Button>
    </div>
  );
}
