import { type RefObject, useEffect, useState } from 'react';

import { classes } from '../../ui/classes';
import { formatBytes, formatNumber, formatPercent } from '../../ui/format';
import { Progress } from '../../ui/Progress';
import { reachOf } from '../../viewer/reach';
import { PANES, type PaneId, type PaneSpec } from '../../viewer/panes';
import css from './ReadingRoom.module.css';
import type { ReadingSession } from './session';
import { isShown, type ReadingState } from './state';
import { type Readable, Store, useStore } from './store';
import { TEXT } from './text';
import { PreviewCard } from './tools/PreviewCard';

export interface PaneRefs {
  readonly mip: RefObject<HTMLCanvasElement | null>;
  readonly images: Record<PaneId, HTMLDivElement | null>;
  readonly overlays: Record<PaneId, HTMLCanvasElement | null>;
}

export function useStateOf<S>(session: ReadingSession, select: (state: ReadingState) => S): S {
  return useStore(session.state, select);
}

type Standing = Pick<ReadingState, 'maximised' | 'layout'>;
const NOT_YET = new Store<Standing>({ maximised: null, layout: 'review' });

/** Where a pane stands while one of them is large. */
function useFrameClass(session: ReadingSession | null, id: PaneId | 'mip', white: boolean): string | undefined {
  const store: Readable<Standing> = session?.state ?? NOT_YET;
  const large = useStore(store, (s) => s.maximised === id);
  const shown = useStore(store, (s) => isShown(s, id));
  return classes(css.pane, white && css.white, large && css.large, !shown && css.behind);
}

const suvText = (state: ReadingState): string => {
  const { petWindow, pet } = state;
  const unit = pet !== null && pet.suv?.valid !== true ? pet.unit : 'SUV';
  const digits = petWindow.upper < 10 && !Number.isInteger(petWindow.upper) ? 1 : 0;
  return `${unit} ${formatNumber(petWindow.lower, petWindow.lower > 0 ? 1 : 0)}–${formatNumber(petWindow.upper, digits)}`;
};

export function MipFrame({ session, canvas }: { session: ReadingSession | null; canvas: RefObject<HTMLCanvasElement | null> }) {
  return (
    <div className={useFrameClass(session, 'mip', true)} data-pane="mip" data-testid="pane-mip">
      <canvas ref={canvas} className={css.overlay} aria-label={TEXT.mip} />
      {session && <MipNotes session={session} />}
    </div>
  );
}

function MipNotes({ session }: { session: ReadingSession }) {
  const stage = useStateOf(session, (s) => s.stage);
  const index = useStateOf(session, (s) => s.mipFrame);
  const playing = useStateOf(session, (s) => s.playing);
  const window = useStateOf(session, suvText);
  const hasMip = useStateOf(session, (s) => s.pet === null || s.pet.mip !== null);
  const angle = stage === 'loading' ? 0 : (session.mipPane?.angleDeg ?? index * 10);
  return (
    <>
      <span className={classes(css.note, css.topLeft)}>{`${TEXT.mip} ${formatNumber(angle, 0)}°\n${window}`}</span>
      <span className={classes(css.note, css.bottomLeft)}>{TEXT.mipHint}</span>
      {!hasMip && <span className={css.waiting}>{TEXT.noMip}</span>}
      {hasMip && stage === 'loading' && <span className={css.waiting}>{TEXT.mipLoading}</span>}
      {stage !== 'loading' && (
        <button type="button" className={css.play} data-testid="mip-play" onMouseDown={(event) => event.preventDefault()} onClick={() => session.mipPane?.play(!playing)}>
          {playing ? `■ ${TEXT.stop}` : `▶ ${TEXT.play}`}
        </button>
      )}
      <PreviewCard session={session} pane="mip" />
    </>
  );
}

interface PlaneFrameProps {
  session: ReadingSession | null;
  spec: PaneSpec;
  refs: PaneRefs;
}

export function PlaneFrame({ session, spec, refs }: PlaneFrameProps) {
  const className = useFrameClass(session, spec.id, spec.content === 'pet');
  return (
    <div className={className} data-pane={spec.id} data-testid={`pane-${spec.id}`}>
      <div
        ref={(element) => {
          refs.images[spec.id] = element;
        }}
        className={css.image}
        aria-hidden="true"
      />
      <canvas
        ref={(element) => {
          refs.overlays[spec.id] = element;
        }}
        className={css.overlay}
        aria-label={TEXT.panes[spec.id]}
      />
      {session && <PlaneNotes session={session} spec={spec} />}
    </div>
  );
}

function titleOf(state: ReadingState, { id, content }: PaneSpec): string {
  if (content === 'pet') return TEXT.panes[id];
  if (state.ctAlone && state.ct !== null) return `${TEXT.panes[id]} · ${TEXT.ctAlone}`;
  const without = TEXT.panesWithoutCt as Partial<Record<PaneId, string>>;
  return state.ct === null ? (without[id] ?? TEXT.panes[id]) : TEXT.panes[id];
}

function windowsOf(state: ReadingState, { content }: PaneSpec): string {
  if (content === 'pet' || state.ct === null) return suvText(state);
  const { lower, upper } = state.ctWindow;
  // As it is written at the workstation: without a comma in the thousands.
  const ct = `CT ${Math.round(upper - lower)}/${Math.round((upper + lower) / 2)}`;
  if (state.ctAlone) return ct;
  const share = Math.round(state.fusion * 100);
  return `${suvText(state)} · ${ct} · ${share}:${100 - share}`;
}

function sliceOf(session: ReadingSession, state: ReadingState, spec: PaneSpec): string {
  const { planes } = session;
  if (planes === null) return '';
  const { axis } = planes.axes[spec.plane].across;
  const name = spec.plane === 'axial' ? 'z' : spec.plane === 'coronal' ? 'y' : 'x';
  const mm = planes.grid.indexToWorld(state.cursor)[spec.plane === 'axial' ? 2 : spec.plane === 'coronal' ? 1 : 0];
  return `${name} ${formatNumber(mm, 0)} mm · ${state.cursor[axis] + 1}/${planes.grid.shape[axis]}`;
}

/** Said where the slice shown lies outside the CT: black there is no finding. */
function gapOf(session: ReadingSession, state: ReadingState, { plane, content }: PaneSpec): string | null {
  const { planes, ct } = session;
  if (content !== 'fused' || planes === null || ct === null || state.ct === null) return null;
  const reach = reachOf(ct.grid, plane, planes.grid.indexToWorld(state.cursor));
  return reach === null ? null : TEXT.ctNotHere(formatNumber(reach[0], 0), formatNumber(reach[1], 0));
}

function PlaneNotes({ session, spec }: { session: ReadingSession; spec: PaneSpec }) {
  const title = useStateOf(session, (s) => titleOf(s, spec));
  const slice = useStateOf(session, (s) => sliceOf(session, s, spec));
  const windows = useStateOf(session, (s) => windowsOf(s, spec));
  const stage = useStateOf(session, (s) => s.stage);
  const gap = useStateOf(session, (s) => gapOf(session, s, spec));
  return (
    <>
      <span className={classes(css.note, css.topLeft)}>{`${title}\n${slice}`}</span>
      <span className={classes(css.note, css.bottomLeft)}>{windows}</span>
      {(stage === 'loading' || stage === 'mip') && <Arriving session={session} kind="pet" />}
      {spec.content === 'fused' && <Arriving session={session} kind="ct" />}
      {gap !== null && (
        <span className={css.gap} role="status" data-testid="ct-gap">
          {gap}
        </span>
      )}
      <PreviewCard session={session} pane={spec.id} />
    </>
  );
}

/** A line of progress in the corner of the panes that wait for it. */
function Arriving({ session, kind }: { session: ReadingSession; kind: 'pet' | 'ct' }) {
  const share = useStateOf(session, (s) => (kind === 'pet' ? s.petShare : s.ctShare));
  const bytes = useStateOf(session, (s) => (kind === 'pet' ? s.pet?.voxels_bytes : s.ctBytes) ?? null);
  const problem = useStateOf(session, (s) => (kind === 'ct' ? s.ctProblem : null));
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), 150);
    return () => clearTimeout(timer);
  }, []);
  if (problem !== null) {
    return (
      <span className={classes(css.loading, css.noCt)} role="status" data-testid="ct-problem">
        {problem} {TEXT.petGoesOn}
      </span>
    );
  }
  if (share === null || bytes === null || !shown) return null;
  const text = (kind === 'pet' ? TEXT.petLoading : TEXT.ctLoading)(formatPercent(share), formatBytes(bytes));
  return (
    <span className={css.loading}>
      {text}
      <Progress share={share} label={text} />
    </span>
  );
}

export function PaneGrid({ session, refs }: { session: ReadingSession | null; refs: PaneRefs }) {
  const [axialFused, coronal, axialPet, sagittal] = PANES as [PaneSpec, PaneSpec, PaneSpec, PaneSpec];
  return (
    <>
      <MipFrame session={session} canvas={refs.mip} />
      <PlaneFrame session={session} spec={axialFused} refs={refs} />
      <PlaneFrame session={session} spec={coronal} refs={refs} />
      <PlaneFrame session={session} spec={axialPet} refs={refs} />
      <PlaneFrame session={session} spec={sagittal} refs={refs} />
    </>
  );
}
