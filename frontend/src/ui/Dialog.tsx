import { type FormEvent, type ReactNode, useEffect, useId, useRef } from 'react';

import { Button } from './Button';
import css from './ui.module.css';

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
  /** Buttons right of "Cancel". */
  actions?: ReactNode;
  closeLabel?: string;
  wide?: boolean;
  /** Makes the dialog a form: Enter sends it. */
  onSubmit?: () => void;
}

/** A modal dialog: the browser keeps the focus inside and gives it back; Escape closes. */
export function Dialog({ title, onClose, children, actions, closeLabel = 'Cancel', wide = false, onSubmit }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    // showModal puts the focus on the first control; the one that matters may be another.
    element?.querySelector<HTMLElement>('[data-first]')?.focus();
    return () => element?.close();
  }, []);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit?.();
  };
  return (
    <dialog
      ref={dialog}
      className={css.dialog}
      data-wide={wide}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <form onSubmit={submit}>
        <div className={css.dialogHead}>
          <h3 id={heading}>{title}</h3>
        </div>
        <div className={css.dialogBody}>{children}</div>
        <div className={css.dialogFoot}>
          <Button onClick={onClose}>{closeLabel}</Button>
          {actions}
        </div>
      </form>
    </dialog>
  );
}
