import { type FormEvent, useState } from 'react';
import { Navigate, useLocation } from 'react-router';

import { useSession, useSignIn } from '../../api/endpoints/session';
import { ApiError } from '../../api/errors';
import type { DemoAccount } from '../../api/types';
import { Button } from '../../ui/Button';
import { TextField } from '../../ui/Field';
import { Logo } from '../../ui/Logo';
import { ErrorNote, Note } from '../../ui/Note';
import css from './signIn.module.css';
import { text } from './text';

/** Only a path of our own: an address handed over in the state must not lead elsewhere. */
function whereFrom(state: unknown): string {
  const from = typeof state === 'object' && state !== null && 'from' in state ? state.from : null;
  return typeof from === 'string' && from.startsWith('/') && !from.startsWith('//') ? from : '/';
}

export function SignInPage() {
  const session = useSession();
  const signIn = useSignIn();
  const location = useLocation();
  if (session.data?.user) return <Navigate to={whereFrom(location.state)} replace />;
  return (
    <main className={css.page}>
      <div className={css.panel}>
        <div className={css.brand}>
          <Logo size={40} />
          <div>
            <h1>{text.product}</h1>
            <p>{text.purpose}</p>
          </div>
        </div>
        <SignInForm busy={signIn.isPending} onSubmit={signIn.mutate} />
        {signIn.isError && <SignInError error={signIn.error} />}
        {session.isError && <ErrorNote title={text.failed} error={session.error} onRetry={() => void session.refetch()} />}
        {session.data?.demo && (
          <DemoAccounts accounts={session.data.accounts} busy={signIn.isPending} onPick={signIn.mutate} />
        )}
        <p className={css.research}>{text.research}</p>
      </div>
    </main>
  );
}

interface Credentials {
  username: string;
  password: string;
}

function SignInForm({ busy, onSubmit }: { busy: boolean; onSubmit: (credentials: Credentials) => void }) {
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit({ username: username.trim(), password });
  };
  return (
    <form className={css.form} onSubmit={submit} aria-label={text.title}>
      <TextField
        label={text.username}
        name="username"
        autoComplete="username"
        autoFocus
        required
        value={username}
        onChange={(event) => setUsername(event.target.value)}
      />
      <TextField
        label={text.password}
        name="password"
        type="password"
        autoComplete="current-password"
        required
        value={password}
        onChange={(event) => setPassword(event.target.value)}
      />
      <Button type="submit" tone="primary" busy={busy}>
        {text.submit}
      </Button>
    </form>
  );
}

function SignInError({ error }: { error: Error }) {
  if (error instanceof ApiError && error.status === 429) return <Note tone="bad">{text.tooMany}</Note>;
  if (error instanceof ApiError && error.code === 'wrong_credentials') return <Note tone="bad">{error.message}</Note>;
  return <ErrorNote title={text.failed} error={error} />;
}

interface DemoAccountsProps {
  accounts: readonly DemoAccount[];
  busy: boolean;
  onPick: (credentials: Credentials) => void;
}

function DemoAccounts({ accounts, busy, onPick }: DemoAccountsProps) {
  return (
    <section className={css.demo} aria-labelledby="demo-accounts">
      <h2 id="demo-accounts">{text.demoTitle}</h2>
      <p>{text.demoHint}</p>
      <div className={css.accounts}>
        {accounts.map(({ username, password, role }) => (
          <button
            key={username}
            type="button"
            disabled={busy}
            aria-label={`${text.signInAs} ${text.roles[role].name.toLowerCase()}`}
            data-account={username}
            onClick={() => onPick({ username, password })}
          >
            <b>{text.roles[role].name}</b>
            <span>{text.roles[role].does}</span>
          </button>
        ))}
      </div>
    </section>
  );
}
