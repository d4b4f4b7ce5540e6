import { useEffect, useState } from 'react';

import { Button } from '../../ui/Button';
import { useStateOf } from './Panes';
import css from './ReadingRoom.module.css';
import { forgetSetAside, saveSetAside } from './setAside';
import type { ReadingSession } from './session';
import { TEXT } from './text';

const MESSAGE_MS = 4500;

/** Short answers to the last action, over the images. */
export function Notices({ session }: { session: ReadingSession }) {
  const message = useStateOf(session, (s) => s.message);
  const setAside = useStateOf(session, (s) => s.setAside);
  useEffect(() => {
    if (message === null) return;
    const timer = setTimeout(() => session.state.set({ message: null }), MESSAGE_MS);
    return () => clearTimeout(timer);
  }, [message, session]);
  return (
    <>
      <StillReading session={session} />
      {setAside > 0 && message === null && (
        <div className={css.toast} role="alert" data-testid="set-aside">
          {TEXT.setAside(setAside)}
          <Button onClick={() => void saveSetAside(session)}>{TEXT.setAsideSave}</Button>
          <Button tone="danger" onClick={() => void forgetSetAside(session)}>
            {TEXT.setAsideDrop}
          </Button>
        </div>
      )}
      {message !== null && (
        <div className={css.toast} role="status" data-testid="message">
          {message}
        </div>
      )}
    </>
  );
}

/** Thinking is reading: one press gives a quiet time back to the read. No time is shown. */
function StillReading({ session }: { session: ReadingSession }) {
  const seconds = useStateOf(session, (s) => (s.read.state === 'open' ? s.read.idle_prompt_s : 0));
  const [asked, setAsked] = useState(false);
  useEffect(() => {
    if (!(seconds > 0)) return;
    const timer = setInterval(() => {
      if (session.clock.quietMs > seconds * 1000 && document.visibilityState === 'visible') setAsked(true);
    }, 2000);
    return () => clearInterval(timer);
  }, [seconds, session]);
  if (!asked || !(seconds > 0)) return null;
  const yes = (): void => {
    session.clock.record('still_reading');
    setAsked(false);
  };
  return (
    <div className={css.still} role="alert" data-testid="still-reading">
      {TEXT.stillTitle}
      <Button tone="primary" onClick={yes}>
        {TEXT.still}
      </Button>
      <Button tone="quiet" onClick={() => setAsked(false)}>
        {TEXT.stillNo}
      </Button>
    </div>
  );
}
