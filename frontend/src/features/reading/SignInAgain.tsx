import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { sessionKey, signInAs, useSession } from '../../api/endpoints/session';
import { messageOf } from '../../api/errors';
import type { SessionUser } from '../../api/types';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { TextField } from '../../ui/Field';
import css from './ReadingRoom.module.css';
import type { ReadingSession } from './session';
import { TEXT } from './text';

/** Sign-in without leaving the room: what was drawn stays on the screen and is sent afterwards. */
export function SignInAgain({ session, reader, onClose }: { session: ReadingSession; reader: SessionUser | null; onClose: () => void }) {
  const cache = useQueryClient();
  const signedIn = useSession().data?.user ?? null;
  const [username, setUsername] = useState(reader?.username ?? '');
  const [password, setPassword] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const waiting = session.queue.waiting.length;
  const submit = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      const answer = await signInAs({ username: username.trim(), password });
      cache.setQueryData(sessionKey, answer);
      if (reader !== null && answer.user?.id !== reader.id) {
        setProblem(TEXT.otherReader(answer.user?.name ?? username));
        return;
      }
      onClose();
      session.queue.retry();
    } catch (error) {
      setProblem(messageOf(error));
    } finally {
      setBusy(false);
    }
  };
  const stranger = signedIn !== null && reader !== null && signedIn.id !== reader.id;
  return (
    <Dialog
      title={TEXT.signInTitle}
      onClose={onClose}
      closeLabel={TEXT.later}
      onSubmit={() => void submit()}
      actions={
        <Button type="submit" tone="primary" busy={busy} data-testid="sign-in-again">
          {TEXT.signInAgain}
        </Button>
      }
    >
      <p data-testid="signed-out">{TEXT.signInExplained(waiting)}</p>
      <div className={css.signIn}>
        <TextField label={TEXT.username} name="username" autoComplete="username" required value={username} onChange={(event) => setUsername(event.target.value)} />
        <TextField label={TEXT.password} name="password" type="password" autoComplete="current-password" required value={password} onChange={(event) => setPassword(event.target.value)} data-first />
      </div>
      {(problem !== null || stranger) && (
        <p className={css.bad} role="alert">
          {problem ?? TEXT.otherReader(signedIn?.name ?? '')}
        </p>
      )}
    </Dialog>
  );
}
