import { useCallback, useEffect, useRef, useState } from 'react';

import { type Plan, usePatchPlan } from '../../../api/endpoints/readerStudyPlan';
import { ApiError } from '../../../api/errors';
import type { Design } from './design';

const SETTLE_MS = 500;

export type Saving = { readonly kind: 'saved' | 'waiting' | 'saving' } | { readonly kind: 'failed'; readonly error: unknown };
export type Change = Partial<Design> & { readonly planName?: string; readonly description?: string };

export interface DesignEditor {
  readonly design: Design;
  readonly name: string;
  readonly description: string;
  readonly plan: Plan;
  readonly saving: Saving;
  readonly change: (part: Change) => void;
  /** Sends again what a failure held back. */
  readonly retry: () => void;
  /** Somebody else changed the draft meanwhile: nothing is sent until it is loaded anew. */
  readonly isStale: boolean;
}

/**
 * A draft that saves itself: changes are collected for half a second and sent one after another, each with the
 * revision it was made on, so that a second tab is told instead of overwritten.
 */
export function useDesign(studyId: string, loaded: Plan): DesignEditor {
  const [plan, setPlan] = useState(loaded);
  const [shown, setShown] = useState({ design: loaded.design, name: loaded.name, description: loaded.description });
  const [saving, setSaving] = useState<Saving>({ kind: 'saved' });
  const pending = useRef<Change>({});
  const busy = useRef(false);
  const revision = useRef(loaded.revision);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const { mutateAsync } = usePatchPlan(studyId);

  const send = useCallback(async () => {
    clearTimeout(timer.current);
    if (busy.current || Object.keys(pending.current).length === 0) return;
    busy.current = true;
    const { planName, description, ...design } = pending.current;
    pending.current = {};
    setSaving({ kind: 'saving' });
    try {
      const answer = await mutateAsync({
        revision: revision.current,
        design,
        ...(planName === undefined ? {} : { name: planName }),
        ...(description === undefined ? {} : { description }),
      });
      revision.current = answer.revision;
      setPlan(answer);
      busy.current = false;
      if (Object.keys(pending.current).length === 0) setSaving({ kind: 'saved' });
      else void send();
    } catch (error) {
      busy.current = false;
      // What was typed meanwhile wins over what failed.
      pending.current = { ...design, ...(planName === undefined ? {} : { planName }), ...(description === undefined ? {} : { description }), ...pending.current };
      setSaving({ kind: 'failed', error });
    }
  }, [mutateAsync]);

  const change = useCallback(
    ({ planName, ...part }: Change) => {
      const { description, ...design } = part;
      setShown((old) => ({
        design: { ...old.design, ...design },
        name: planName ?? old.name,
        description: description ?? old.description,
      }));
      pending.current = { ...pending.current, ...part, ...(planName === undefined ? {} : { planName }) };
      setSaving({ kind: 'waiting' });
      clearTimeout(timer.current);
      timer.current = setTimeout(() => void send(), SETTLE_MS);
    },
    [send],
  );

  // Leaving the page sends what is still held back.
  useEffect(() => () => void send(), [send]);

  const isStale = saving.kind === 'failed' && saving.error instanceof ApiError && saving.error.status === 409;
  return { ...shown, plan, saving, change, retry: () => void send(), isStale };
}
