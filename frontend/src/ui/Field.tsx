import { type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, type TextareaHTMLAttributes, useId } from 'react';

import css from './ui.module.css';

interface FieldFrame {
  /** In a dialog: has the focus when it opens. */
  'data-first'?: boolean;
  label: string;
  hint?: ReactNode;
  /** What is wrong with the value, in words. */
  complaint?: string | undefined;
}

function Frame({ id, label, hint, complaint, children }: FieldFrame & { id: string; children: ReactNode }) {
  return (
    <div className={css.field}>
      <label htmlFor={id}>{label}</label>
      {children}
      {hint !== undefined && (
        <span id={`${id}-hint`} className={css.hint}>
          {hint}
        </span>
      )}
      {complaint && (
        <span id={`${id}-complaint`} className={css.complaint} role="alert">
          {complaint}
        </span>
      )}
    </div>
  );
}

function useFieldAria({ hint, complaint }: FieldFrame) {
  const id = useId();
  const describedBy = [hint !== undefined && `${id}-hint`, complaint && `${id}-complaint`].filter(Boolean).join(' ');
  return { id, 'aria-invalid': complaint !== undefined, 'aria-describedby': describedBy || undefined };
}

export function TextField({ label, hint, complaint, ...rest }: FieldFrame & InputHTMLAttributes<HTMLInputElement>) {
  const aria = useFieldAria({ label, hint, complaint });
  return (
    <Frame id={aria.id} label={label} hint={hint} complaint={complaint}>
      <input type="text" {...rest} {...aria} className={css.input} />
    </Frame>
  );
}

export function TextArea({ label, hint, complaint, ...rest }: FieldFrame & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  const aria = useFieldAria({ label, hint, complaint });
  return (
    <Frame id={aria.id} label={label} hint={hint} complaint={complaint}>
      <textarea rows={3} {...rest} {...aria} className={css.input} />
    </Frame>
  );
}

export function SelectField({ label, hint, complaint, children, ...rest }: FieldFrame & SelectHTMLAttributes<HTMLSelectElement>) {
  const aria = useFieldAria({ label, hint, complaint });
  return (
    <Frame id={aria.id} label={label} hint={hint} complaint={complaint}>
      <select {...rest} {...aria} className={css.input}>
        {children}
      </select>
    </Frame>
  );
}

interface CheckProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'type'> {
  type?: 'checkbox' | 'radio';
  children: ReactNode;
}

export function Check({ type = 'checkbox', children, ...rest }: CheckProps) {
  return (
    <label className={css.check}>
      <input {...rest} type={type} />
      <span>{children}</span>
    </label>
  );
}

/** A search box without a visible label. */
export function SearchField({ label, ...rest }: { label: string } & InputHTMLAttributes<HTMLInputElement>) {
  return <input type="search" placeholder={label} {...rest} aria-label={label} className={css.input} />;
}

/** A select without a visible label, for tool bars. */
export function BareSelect({ label, children, ...rest }: { label: string } & SelectHTMLAttributes<HTMLSelectElement>) {
  return (
    <select {...rest} aria-label={label} className={css.input}>
      {children}
    </select>
  );
}
