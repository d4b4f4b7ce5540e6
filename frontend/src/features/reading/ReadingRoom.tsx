import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import { Link, useNavigate } from 'react-router';

import { useRead, readKey } from '../../api/endpoints/reads';
import { useOpenAssignment, worklistKey } from '../../api/endpoints/worklist';
import { messageOf } from '../../api/errors';
import { useSession as useSignedIn } from '../../api/endpoints/session';
import type { Read, SessionUser } from '../../api/types';
import { Button, buttonClass } from '../../ui/Button';
import { Kbd } from '../../ui/Kbd';
import { PANES, type PaneId } from '../../viewer/panes';
import { Banners, PauseCover } from './Banners';
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
  const [session, refs] = useSession(read, onReload);
  const reader = useReader();
  return (
    <div className={css.room} data-testid="reading-room">
      {session ? <TopBar session={session} /> : <header className={css.bar} />}
      <Main session={session}>
        <PaneGrid session={session} refs={refs} />
        {session && <PauseCover session={session} />}
        <aside className={css.side} data-region>{session && <SidePanel session={session} />}</aside>
        {session && <Notices session={session} />}
        {session && <AfterSubmit session={session} />}
        {session && <Problem session={session} onRetry={onReload} />}
      </Main>
      {session && <Banners session={session} />}
      {session ? <Toolbar session={session} /> : <footer className={css.foot} />}
      {session && <Dialogs session={session} reader={reader} onReload={onReload} />}
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

/** Who opened the room: another person who signs in meanwhile is not the reader of this read. */
function useReader(): SessionUser | null {
  const user = useSignedIn().data?.user ?? null;
  const [first, setFirst] = useState(user);
  if (first === null && user !== null) setFirst(user);
  return first;
}

/** A session lives as long as the room is on the screen. */
function useSession(read: Read, onReload: () => void): [ReadingSession | null, PaneRefs] {
  const [session, setSession] = useState<ReadingSession | null>(null);
  const cache = useQueryClient();
  const first = useRef(read);
  const reload = useRef(onReload);
  useEffect(() => {
    reload.current = onReload;
  }, [onReload]);
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
    made.presence.reload = () => reload.current();
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
    <div className={css.failed} role="alert" data-testid="problem">
      <h2>{TEXT.failedTitle}</h2>
      <p>{problem}</p>
      <p className={css.muted}>{TEXT.failedKept}</p>
      <div className={css.actions}>
        <Button tone="primary" autoFocus onClick={onRetry}>
          {TEXT.retry}
        </Button>
        <Link to="/worklist" className={buttonClass()}>
          {TEXT.toWorklist}
        </Link>
      </div>
    </div>
  );
}

/** After submit the next case is one press away. */
function AfterSubmit({ session }: { session: ReadingSession }) {
  const read = useStateOf(session, (s) => s.read);
  const open = useOpenAssignment();
  const navigate = useNavigate();
  const { next_assignment: following, state } = read;
  const { mutate, isPending } = open;
  useEffect(() => {
    if (state !== 'submitted' || following === null || isPending) return;
    session.openNext = () =>
      mutate(following, {
        onSuccess: (opened) => void navigate(`/reads/${opened.id}`),
        onError: (error) => session.state.set({ message: messageOf(error) }),
      });
    return () => {
      session.openNext = null;
    };
  }, [state, following, isPending, mutate, navigate, session]);
  if (state !== 'submitted') return null;
  return (
    <div className={css.toast} role="status" data-testid="submitted">
      <span>
        <b>{TEXT.submitted}.</b> {TEXT.submittedExplained}
      </span>
      {following !== null && (
        <Button tone="primary" data-testid="next-case" busy={isPending} onClick={() => session.openNext?.()}>
          {TEXT.nextCase} <Kbd>N</Kbd>
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
