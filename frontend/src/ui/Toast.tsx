import { createContext, type ReactNode, useCallback, useContext, useState } from 'react';

import { Note } from './Note';
import css from './ui.module.css';

interface Toast {
  id: number;
  tone: 'ok' | 'bad' | 'accent';
  text: string;
}

type Say = (text: string, tone?: Toast['tone']) => void;

const ToastContext = createContext<Say>(() => undefined);

/** Says something for a few seconds. Errors that need an answer stand in the page instead. */
export function useToast(): Say {
  return useContext(ToastContext);
}

let lastId = 0;

export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  const say = useCallback<Say>((text, tone = 'accent') => {
    const id = ++lastId;
    setToasts((shown) => [...shown, { id, tone, text }]);
    setTimeout(() => setToasts((shown) => shown.filter((toast) => toast.id !== id)), tone === 'bad' ? 9000 : 4500);
  }, []);
  return (
    <ToastContext.Provider value={say}>
      {children}
      <div className={css.toasts} aria-live="polite">
        {toasts.map((toast) => (
          <Note key={toast.id} tone={toast.tone}>
            {toast.text}
          </Note>
        ))}
      </div>
    </ToastContext.Provider>
  );
}
