import { Link } from 'react-router';

import { Button } from '../../ui/Button';
import { Chip } from '../../ui/Chip';
import { Kbd } from '../../ui/Kbd';
import { hasValidSuv } from './images';
import { keepFocus } from './keepFocus';
import { useStateOf } from './Panes';
import css from './ReadingRoom.module.css';
import type { ReadingSession } from './session';
import type { SaveState } from './state';
import { TEXT } from './text';

export function TopBar({ session }: { session: ReadingSession }) {
  const read = useStateOf(session, (s) => s.read);
  const pet = useStateOf(session, (s) => s.pet);
  return (
    <header className={css.bar} data-region>
      <Link to="/worklist" className={css.back} data-testid="to-worklist">
        ‹ {TEXT.worklist}
      </Link>
      <h1 data-testid="pseudonym">{read.pseudonym}</h1>
      <Chip>{TEXT.caseOf(read.case_number, read.case_count)}</Chip>
      <Chip>{`${read.tracer} ${read.ct_volume === null ? 'PET' : 'PET/CT'}`}</Chip>
      <Chip tone="warn">{TEXT.researchUse}</Chip>
      {read.is_synthetic && <Chip tone="accent">{TEXT.synthetic}</Chip>}
      {pet !== null && !hasValidSuv(pet) && (
        <Chip tone="bad" title={TEXT.noSuvExplained}>
          {TEXT.noSuv(pet.unit)}
        </Chip>
      )}
      <span className={css.space} />
      <PauseButton session={session} />
      <SaveChip session={session} />
      <EndButtons session={session} />
    </header>
  );
}

function saveText(save: SaveState): { text: string; tone: 'ok' | 'plain' | 'warn' | 'bad'; title?: string } {
  switch (save.kind) {
    case 'saved':
      return { text: TEXT.saved, tone: 'ok', title: TEXT.savedExplained };
    case 'away':
      return { text: TEXT.away, tone: 'warn', title: TEXT.awayExplained };
    case 'saving':
      return { text: TEXT.saving(save.waiting), tone: 'plain' };
    case 'memory':
      return { text: TEXT.notOnDisk(save.waiting), tone: 'warn', title: TEXT.notOnDiskExplained };
    case 'local': {
      const why = TEXT.why as Record<string, string>;
      return { text: TEXT.savedLocally(save.waiting), tone: 'warn', title: why[save.why] ?? TEXT.why.default };
    }
    case 'conflict':
      return { text: TEXT.notSaved, tone: 'bad' };
  }
}

function SaveChip({ session }: { session: ReadingSession }) {
  const save = useStateOf(session, (s) => s.save);
  const { text, tone, title } = saveText(save);
  return (
    <span data-testid="save-state" data-state={save.kind} aria-live="polite">
      <Chip tone={tone} dot={save.kind === 'saving' ? 'live' : true} {...(title ? { title } : {})}>
        {text}
      </Chip>
    </span>
  );
}

/** A declared pause is no reading time; the reader sees no clock. */
function PauseButton({ session }: { session: ReadingSession }) {
  const open = useStateOf(session, (s) => s.read.state === 'open');
  const paused = useStateOf(session, (s) => s.paused);
  if (!open) return null;
  return (
    <Button tone="quiet" data-testid="pause" aria-pressed={paused} onMouseDown={keepFocus} onClick={() => session.setPaused(!paused)}>
      {paused ? TEXT.goOn : TEXT.pause} <Kbd>Shift P</Kbd>
    </Button>
  );
}

function EndButtons({ session }: { session: ReadingSession }) {
  const read = useStateOf(session, (s) => s.read);
  const stage = useStateOf(session, (s) => s.stage);
  const busy = useStateOf(session, (s) => s.busy);
  const elsewhere = useStateOf(session, (s) => s.editedElsewhere);
  if (read.state === 'submitted') return <Chip tone="ok">{TEXT.submitted}</Chip>;
  if (read.state === 'final') {
    const needsScore = read.scored && read.score === null;
    return (
      <>
        {needsScore || !read.scored ? (
          <Button data-testid="resume" busy={busy === 'resume'} onClick={() => void session.finish.resume()}>
            {TEXT.resume}
          </Button>
        ) : null}
        <Button tone="primary" data-testid="submit" disabled={needsScore} onClick={() => session.state.set({ dialog: 'submit' })}>
          {TEXT.submit}
        </Button>
      </>
    );
  }
  if (elsewhere !== null) return <Chip tone="warn">{TEXT.readOnly}</Chip>;
  const ready = stage === 'pet' || stage === 'ready';
  return (
    <Button tone="primary" data-testid="segmentation-final" disabled={!ready} onClick={() => session.state.set({ dialog: 'final' })}>
      {TEXT.final}
    </Button>
  );
}
