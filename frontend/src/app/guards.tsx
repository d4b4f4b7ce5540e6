import { useEffect } from 'react';
import { Navigate, Outlet, useLocation } from 'react-router';

import { useSession } from '../api/endpoints/session';
import { hasRole, knownRoles } from '../api/roles';
import type { Role, SessionUser } from '../api/types';
import { EmptyState, Loading } from '../ui/EmptyState';
import { ErrorNote } from '../ui/Note';
import css from './app.module.css';
import { homeOf } from './pages';
import { text } from './text';

let lastUser: SessionUser | null = null;

/**
 * Who is signed in. In the reading room a session that ends does not take the images away: the room itself asks
 * to sign in again, as the same person, so that nothing that was drawn is lost.
 */
function useUserHere(): SessionUser | null {
  const user = useSession().data?.user ?? null;
  const inRoom = useLocation().pathname.startsWith('/reads/');
  useEffect(() => {
    if (!inRoom || lastUser === null) lastUser = user;
  }, [user, inRoom]);
  return inRoom ? (lastUser ?? user) : user;
}

/** Lets signed-in people through; others are brought to the sign-in page and back. */
export function RequireUser() {
  const session = useSession();
  const user = useUserHere();
  const here = useLocation();
  if (session.isPending) return <Loading />;
  if (user) return <Outlet />;
  if (session.data === undefined) {
    return (
      <main className={css.broken}>
        <ErrorNote title={text.sessionFailed} error={session.error} onRetry={() => void session.refetch()} />
      </main>
    );
  }
  return <Navigate to="/sign-in" replace state={{ from: here.pathname + here.search }} />;
}

/** Hides a page from roles it is not for. The server refuses them anyway; this only says it kindly. */
export function RequireRole({ roles }: { roles: readonly Role[] }) {
  const user = useUserHere();
  if (user && roles.some((role) => hasRole(user, role))) return <Outlet />;
  return <EmptyState title={text.notYoursTitle}>{text.notYours}</EmptyState>;
}

export function Home() {
  const user = useSession().data?.user;
  return <Navigate to={user ? homeOf(knownRoles(user.roles)) : '/sign-in'} replace />;
}
