import type { ReactNode } from 'react';

import { classes } from './classes';
import css from './ui.module.css';

interface PageFrameProps {
  title: ReactNode;
  /** Link back to the list this page belongs to. */
  crumb?: ReactNode;
  chips?: ReactNode;
  actions?: ReactNode;
  tabs?: ReactNode;
  narrow?: boolean;
  children: ReactNode;
}

export function PageFrame({ title, crumb, chips, actions, tabs, narrow = false, children }: PageFrameProps) {
  return (
    <>
      <header className={css.pageHead}>
        {crumb && <span className={css.crumb}>{crumb}</span>}
        <h1>{title}</h1>
        {chips}
        <span className={css.grow} />
        {actions}
      </header>
      {tabs && (
        <nav className={css.tabs} aria-label="Parts of this page">
          {tabs}
        </nav>
      )}
      <div className={classes(css.pageBody, narrow && css.narrow)}>{children}</div>
    </>
  );
}
