import type { CSSProperties, ReactNode } from 'react';

import { classes } from './classes';
import css from './ui.module.css';

interface CardProps {
  title?: ReactNode;
  /** The title is somebody's name for something: shown as it was written. */
  named?: boolean;
  /** Right of the title. */
  actions?: ReactNode;
  /** No padding: for tables that fill the card. */
  flush?: boolean;
  /** Columns of the twelve-column grid. */
  span?: number;
  className?: string | undefined;
  children: ReactNode;
}

export function Card({ title, named = false, actions, flush = false, span, className, children }: CardProps) {
  const style: CSSProperties | undefined = span ? { gridColumn: `span ${span}` } : undefined;
  return (
    <section className={classes(css.card, flush && css.flush, className)} style={style}>
      {(title !== undefined || actions !== undefined) && (
        <div className={css.cardHead}>
          {title !== undefined && (named ? <h3>{title}</h3> : <h2>{title}</h2>)}
          <span className={css.grow} />
          {actions}
        </div>
      )}
      {children}
    </section>
  );
}

interface StatProps {
  value: ReactNode;
  unit?: string;
  label: ReactNode;
  span?: number;
}

/** One large number with its unit and what it means. */
export function Stat({ value, unit, label, span }: StatProps) {
  return (
    <section className={classes(css.card, css.stat)} style={span ? { gridColumn: `span ${span}` } : undefined}>
      <b>
        {value}
        {unit && <small> {unit}</small>}
      </b>
      <span>{label}</span>
    </section>
  );
}

/** Name and value pairs. */
export function Facts({ items }: { items: readonly (readonly [ReactNode, ReactNode])[] }) {
  return (
    <dl className={css.facts}>
      {items.map(([name, value], index) => (
        <div key={index} style={{ display: 'contents' }}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
