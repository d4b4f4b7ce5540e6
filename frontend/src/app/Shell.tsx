import { useEffect } from 'react';
import { Link, NavLink, Outlet, useLocation } from 'react-router';

import { useSession, useSignOut } from '../api/endpoints/session';
import { knownRoles } from '../api/roles';
import type { Session, SessionUser } from '../api/types';
import { Button } from '../ui/Button';
import { Chip } from '../ui/Chip';
import { Logo } from '../ui/Logo';
import css from './app.module.css';
import { homeOf, pagesFor } from './pages';
import { text } from './text';
import { useLiveJobs } from './useLiveJobs';

/** Frame of every page but the reading room: who, where, and what this product is not for. */
export function Shell() {
  const session = useSession().data;
  const socket = useLiveJobs();
  useRoomAhead();
  if (!session?.user) return null;
  return (
    <div className={css.shell}>
      <a className={css.skip} href="#content">
        {text.skip}
      </a>
      <div className={css.top}>
        {session.demo && <div className={css.banner}>{text.demoBanner}</div>}
        <Bar user={session.user} live={socket !== 'lost'} />
      </div>
      <main id="content" className={css.main}>
        <Outlet />
      </main>
      <Footer session={session} />
    </div>
  );
}

/** The reading room's code comes while a reader looks at the worklist. */
function useRoomAhead(): void {
  const onWorklist = useLocation().pathname === '/worklist';
  useEffect(() => {
    if (onWorklist) void import('../features/reading/preload').then(({ preloadReadingRoom }) => preloadReadingRoom());
  }, [onWorklist]);
}

function Bar({ user, live }: { user: SessionUser; live: boolean }) {
  const signOut = useSignOut();
  const roles = knownRoles(user.roles);
  return (
    <div className={css.bar}>
      <Link className={css.brand} to={homeOf(roles)}>
        <Logo />
        {text.product}
      </Link>
      <nav className={css.nav} aria-label="Main">
        {pagesFor(roles).map((page) => (
          <NavLink key={page.path} to={page.path}>
            {page.label}
          </NavLink>
        ))}
      </nav>
      {!live && <Chip tone="warn" dot="live">{text.liveLost}</Chip>}
      <div className={css.who}>
        <span>{user.name}</span>
        <small>{roles.map((role) => text.roles[role]).join(', ')}</small>
        <Button tone="quiet" busy={signOut.isPending} onClick={() => signOut.mutate()}>
          {text.signOut}
        </Button>
      </div>
    </div>
  );
}

export function Footer({ session }: { session: Session | undefined }) {
  return (
    <footer className={css.footer}>
      <b>{text.footer}</b>
      <span>
        {text.product} {session?.version}
      </span>
    </footer>
  );
}
