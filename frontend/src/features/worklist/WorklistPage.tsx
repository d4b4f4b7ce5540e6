import { useCallback } from 'react';
import { useNavigate } from 'react-router';

import { useOpenAssignment, useWorklist } from '../../api/endpoints/worklist';
import type { WorklistItem } from '../../api/types';
import { Chip } from '../../ui/Chip';
import { EmptyState } from '../../ui/EmptyState';
import { Kbd } from '../../ui/Kbd';
import { ErrorNote } from '../../ui/Note';
import { PageFrame } from '../../ui/PageFrame';
import { QueryView } from '../../ui/QueryView';
import { useListKeys } from '../../ui/useListKeys';
import { canOpen, countSubmitted, groupItems, nextItem } from './items';
import { NextCase } from './NextCase';
import { text } from './text';
import css from './worklist.module.css';
import { WorklistTable } from './WorklistTable';

export function WorklistPage() {
  const worklist = useWorklist();
  const items = worklist.data ?? [];
  return (
    <PageFrame
      title={text.title}
      chips={
        <>
          {items.length > 0 && <Chip>{text.submittedOf(countSubmitted(items), items.length)}</Chip>}
          {items.some((item) => item.is_synthetic) && <Chip tone="warn">{text.synthetic}</Chip>}
        </>
      }
      actions={items.length > 0 && <KeyHint />}
    >
      <QueryView query={worklist} failed={text.failed} rows={8}>
        {(list) => (list.length === 0 ? <Nothing /> : <Cases items={list} />)}
      </QueryView>
    </PageFrame>
  );
}

function KeyHint() {
  return (
    <span className={css.keys}>
      <Kbd>j</Kbd> <Kbd>k</Kbd> {text.keys} <Kbd>Enter</Kbd> {text.keysOpen}
    </span>
  );
}

function Nothing() {
  return <EmptyState title={text.emptyTitle}>{text.empty}</EmptyState>;
}

/** Opens the read of a case: a begun one at once, a new one after the server made it. */
function useOpenCase() {
  const navigate = useNavigate();
  const assignment = useOpenAssignment();
  const { mutate } = assignment;
  const open = useCallback(
    (item: WorklistItem) => {
      if (!canOpen(item)) return;
      if (item.read !== null) void navigate(`/reads/${item.read}`);
      else mutate(item.assignment, { onSuccess: (read) => void navigate(`/reads/${read.id}`) });
    },
    [mutate, navigate],
  );
  return { open, opening: assignment.isPending ? assignment.variables : null, error: assignment.error };
}

function Cases({ items }: { items: readonly WorklistItem[] }) {
  const { open, opening, error } = useOpenCase();
  const next = nextItem(items);
  // One order for keys and screen: grouped as shown.
  const groups = groupItems(items);
  const shown = groups.flatMap((group) => group.items);
  const openIndex = useCallback(
    (index: number) => {
      const item = shown[index];
      if (item) open(item);
    },
    [open, shown],
  );
  const { index } = useListKeys({ count: shown.length, onOpen: openIndex, initial: next ? shown.indexOf(next) : 0 });
  const marked = shown[index]?.assignment ?? null;
  return (
    <>
      {error && <ErrorNote title={text.openFailed} error={error} />}
      <NextCase items={items} next={next} opening={opening} onOpen={open} />
      {groups.map((group) => (
        <WorklistTable key={group.readerStudy} group={group} marked={marked} opening={opening} onOpen={open} />
      ))}
    </>
  );
}
