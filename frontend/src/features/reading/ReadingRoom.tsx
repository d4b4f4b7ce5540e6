import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import { Link, useNavigate } from 'react-router';

import { useRead, readKey } from '../../api/endpoints/reads';
import { useOpenAssignment, worklistKey } from '../../api/endpoints/worklist';
import { messageOf } from '../../api/errors';
import type { Read } from '../../api/types';
import { Button, buttonClass } from '../../ui/Button';
import { PANES, type PaneId } from '../../viewer/panes';
import { exposeDebugHandle } from './debugHandle';
import { Dialogs } from './Dialogs';
import { listenToKeys } from './keys';
import { listenToMip } from './mipMouse';
import { Notices } from './Notices';
import { PaneMouse } from './paneMouse';
import { PaneGrid, type PaneRefs, useStateOf } from './Panes';
import css from './ReadingRoom.module.css';
import { ReadingSession, type RoomElements } from './session';
import { SidePanel } from './SidePanel';

import type { Layout, ReadingState } from './state';
import { Store, useStore } from './store';
import { TEXT } from './text';
import { Toolbar } from './Toolbar';
import { TopBar } from './TopBar';

/** The reading room of one read. */
export function ReadingRoom({ readId }: { readId: string }) {
  const query = useRead(readId);
  const [load, setLoad] = useState(0);
  const { refetch } = query;
  const reload = useCallback(async () => {
    await refetch();
    setLoad((n) => n + 1);
  }, [refetch]);
  if (query.isPending) return <Centre text={TEXT.loadingRead} />;
  if (query.isError) return <Failed problem={messageOf(query.error)} onRetry={() => void reload()} />;
  if (query.data.state === 'abandoned') return <Failed problem={TEXT.abandoned} onRetry={() => void reload()} />;
  return <Room key={`${readId}/${load}`} read={query.data} onReload={() => void reload()} />;
}

function Room({ read, onReload }: { read: Read; onReload: () => void }) {
  const [session, refs] = useSession(read);
  return (
    <div className={css.room} data-testid="reading-room">
      {session ? <TopBar session={session} /> : <header className={css.bar} />}
      <Main session={session}>
        <PaneGrid session={session} refs={refs} />
        <aside className={css.side} data-region>{session && <SidePanel session={session} />}</aside>
        {session && <Notices session={session} />}
        {session && <AfterSubmit session={session} />}
        {session && <Problem session={session} onRetry={onReload} />}
      </Main>
      {session ? <Toolbar session={session} /> : <footer className={css.foot} />}
      {session && <Dialogs session={session} onReload={onReload} />}
    </div>
  );
}

function Main({ session, children }: { session: ReadingSession | null; children: ReactNode }) {
  const layout = useStore<Pick<ReadingState, 'layout'>, Layout>(session?.state ?? REVIEW, (s) => s.layout);
  return (
    <main className={css.main} data-layout={layout} data-testid="panes">
      {children}
    </main>
  );
}

const REVIEW = new Store<Pick<ReadingState, 'layout'>>({ layout: 'review' });

/** A session lives as long as the room is on the screen. */
function useSession(read: Read): [ReadingSession | null, PaneRefs] {
  const [session, setSession] = useState<ReadingSession | null>(null);
  const cache = useQueryClient();
  const first = useRef(read);
  const mip = useRef<HTMLCanvasElement | null>(null);
  const refs = useRef<PaneRefs>({ mip, images: emptyPanes(), overlays: emptyPanes() });
  useEffect(() => {
    const elements = elementsOf(refs.current);
    const made = new ReadingSession(first.current, elements);
    const elementOf = (pane: PaneId | 'mip'): HTMLElement => (pane === 'mip' ? elements.mip : elements.panes[pane].overlay);
    const stops = [
      ...PANES.map(({ id }) => new PaneMouse(made, id, elements.panes[id].overlay).listen()),
      listenToMip(made, elements.mip),
      listenToKeys(made),
      exposeDebugHandle(made, elementOf),
      showStage(made),
      // The cache keeps the newest state of the read, so that coming back shows it.
      made.state.subscribe(() => cache.setQueryData(readKey(made.read.id), made.read)),
    ];
    setSession(made);
    void made.start();
    return () => {
      stops.forEach((stop) => stop());
      made.destroy();
      void cache.invalidateQueries({ queryKey: readKey(made.read.id) });
      void cache.invalidateQueries({ queryKey: worklistKey });
    };
  }, [cache]);
  return [session, refs.current];
}

/** `data-viewer` on the document says how far the room is: mip, pet, ready. Tests wait for it. */
function showStage(session: ReadingSession): () => void {
  const { dataset } = document.documentElement;
  const show = (): void => {
    const { stage } = session.state.get();
    if (stage === 'loading') delete dataset['viewer'];
    else dataset['viewer'] = stage;
  };
  show();
  const forget = session.state.subscribe(show);
  return () => {
    forget();
    delete dataset['viewer'];
  };
}

function emptyPanes<T>(): Record<PaneId, T | null> {
  return { axialFused: null, coronalPet: null, axialPet: null, sagittalFused: null };
}

function elementsOf({ mip, images, overlays }: PaneRefs): RoomElements {
  const paneOf = (id: PaneId) => {
    const [image, overlay] = [images[id], overlays[id]];
    if (image === null || overlay === null) throw new Error(`The pane ${id} is not on the page.`);
    return { image, overlay };
  };
  if (mip.current === null) throw new Error('The MIP is not on the page.');
  return {
    mip: mip.current,
    panes: {
      axialFused: paneOf('axialFused'),
      coronalPet: paneOf('coronalPet'),
      axialPet: paneOf('axialPet'),
      sagittalFused: paneOf('sagittalFused'),
    },
  };
}

function Problem({ session, onRetry }: { session: ReadingSession; onRetry: () => void }) {
  const problem = useStateOf(session, (s) => s.problem);
  if (problem === null) return null;
  return (
    <div className={css.toast} role="alert" data-testid="problem">
      <span>
        {TEXT.failedTitle}: {problem}
      </span>
      <Button onClick={onRetry}>{TEXT.retry}</Button>
    </div>
  );
}

/** After submit the next case is one press away. */
function AfterSubmit({ session }: { session: ReadingSession }) {
  const read = useStateOf(session, (s) => s.read);
  const open = useOpenAssignment();
  const navigate = useNavigate();
  if (read.state !== 'submitted') return null;
  const next = (): void => {
    if (read.next_assignment === null) return;
    open.mutate(read.next_assignment, {
      onSuccess: (opened) => void navigate(`/reads/${opened.id}`),
      onError: (error) => session.state.set({ message: messageOf(error) }),
    });
  };
  return (
    <div className={css.toast} data-testid="submitted">
      <span>
        <b>{TEXT.submitted}.</b> {TEXT.submittedExplained}
      </span>
      {read.next_assignment !== null && (
        <Button tone="primary" data-testid="next-case" busy={open.isPending} onClick={next}>
          {TEXT.nextCase}
        </Button>
      )}
      <Link to="/worklist" className={buttonClass()}>
        {TEXT.toWorklist}
      </Link>
    </div>
  );
}

function Centre({ text }: { text: string }) {
  return (
    <div className={css.centre} role="status">
      {text}
    </div>
  );
}

function Failed({ problem, onRetry }: { problem: string; onRetry: () => void }) {
  return (
    <div className={css.centre} role="alert" data-testid="read-failed">
      <h3>{TEXT.failedTitle}</h3>
      <p>{problem}</p>
      <div className={css.actions}>
        <Button tone="primary" onClick={onRetry}>
          {TEXT.retry}
        </Button>
        <Link to="/worklist" className={buttonClass()}>
          {TEXT.toWorklist}
        </Link>
      </div>
    </div>
  );
}
