import type { SessionUser } from '../../api/types';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { formatMl } from '../../ui/format';
import { Kbd } from '../../ui/Kbd';
import { whatIsMissing } from './finish';
import { useStateOf } from './Panes';
import { TOOL_NOT_ALLOWED } from './saveQueue';
import { saveWaiting } from './setAside';
import css from './ReadingRoom.module.css';
import type { ReadingSession } from './session';
import { SignInAgain } from './SignInAgain';
import { TEXT } from './text';

export function Dialogs({ session, reader, onReload }: { session: ReadingSession; reader: SessionUser | null; onReload: () => void }) {
  const dialog = useStateOf(session, (s) => s.dialog);
  const close = (): void => session.state.set({ dialog: null });
  if (dialog === 'keys') return <KeysDialog onClose={close} />;
  if (dialog === 'final') return <FinalDialog session={session} onClose={close} />;
  if (dialog === 'submit') return <SubmitDialog session={session} onClose={close} />;
  if (dialog === 'conflict') return <ConflictDialog session={session} onClose={close} onReload={onReload} />;
  if (dialog === 'signIn') return <SignInAgain session={session} reader={reader} onClose={close} />;
  return null;
}

function KeysDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title={TEXT.keysTitle} onClose={onClose} closeLabel="Close" wide>
      <div className={css.keys} data-testid="keys-dialog">
        {TEXT.keys.map(({ group, rows }) => (
          <section key={group}>
            <h2>{group}</h2>
            <dl>
              {rows.map(([keys, what]) => (
                <div key={keys} style={{ display: 'contents' }}>
                  <dt>
                    <Kbd>{keys}</Kbd>
                  </dt>
                  <dd>{what}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

function FinalDialog({ session, onClose }: { session: ReadingSession; onClose: () => void }) {
  const busy = useStateOf(session, (s) => s.busy);
  const summary = useStateOf(session, (s) => s.summary);
  const scored = useStateOf(session, (s) => s.read.scored);
  useStateOf(session, (s) => s.save);
  const missing = whatIsMissing(session);
  const notes = [
    missing.preview && TEXT.finalPreview,
    missing.waiting > 0 && TEXT.finalWaiting(missing.waiting),
    missing.waiting > 0 && session.state.get().memoryOnly && TEXT.finalMemory,
    missing.noLesions && TEXT.finalNoLesions,
    missing.unchanged && TEXT.finalUnchanged,
    missing.noSite.length > 0 && TEXT.finalNoSite(TEXT.lesionNumbers(missing.noSite)),
    missing.tiny.length > 0 && TEXT.finalTiny(TEXT.lesionNumbers(missing.tiny)),
  ].filter((note): note is string => typeof note === 'string');
  return (
    <Dialog
      title={TEXT.finalTitle}
      onClose={onClose}
      closeLabel={TEXT.goBack}
      actions={
        <Button tone="primary" data-testid="confirm-final" busy={busy === 'final'} onClick={() => void session.finish.final()}>
          {TEXT.final}
        </Button>
      }
    >
      <b>{TEXT.finalSummary(summary.count, formatMl(summary.ttvMl))}</b>
      {notes.length > 0 ? (
        <ul className={css.list} data-testid="final-missing">
          {notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      ) : (
        <p>{TEXT.finalNothingMissing}</p>
      )}
      <p style={{ color: 'var(--muted)' }}>{scored ? TEXT.finalExplained : TEXT.finalExplainedUnscored}</p>
    </Dialog>
  );
}

function SubmitDialog({ session, onClose }: { session: ReadingSession; onClose: () => void }) {
  const busy = useStateOf(session, (s) => s.busy);
  const read = useStateOf(session, (s) => s.read);
  const summary = useStateOf(session, (s) => s.summary);
  const row = TEXT.rows.find((one) => one.row === read.score?.row);
  return (
    <Dialog
      title={TEXT.submitTitle}
      onClose={onClose}
      closeLabel={TEXT.goBack}
      actions={
        <Button tone="primary" data-testid="confirm-submit" busy={busy === 'submit'} onClick={() => void session.finish.submit()}>
          {TEXT.submit}
        </Button>
      }
    >
      <b>{TEXT.finalSummary(summary.count, formatMl(summary.ttvMl))}</b>
      {row && <p>{TEXT.scored(row.row, row.name)}</p>}
      <p style={{ color: 'var(--muted)' }}>{TEXT.submitExplained}</p>
    </Dialog>
  );
}

function ConflictDialog({ session, onClose, onReload }: { session: ReadingSession; onClose: () => void; onReload: () => void }) {
  const save = useStateOf(session, (s) => s.save);
  if (save.kind !== 'conflict') return null;
  const frozen = save.code === 'read_frozen';
  const refused = save.code === TOOL_NOT_ALLOWED;
  const lost = save.waiting > 0;
  return (
    <Dialog
      title={frozen ? TEXT.frozenTitle : refused ? TEXT.refusedTitle : TEXT.conflictTitle}
      onClose={onClose}
      closeLabel={TEXT.stay}
      actions={
        <Button tone="primary" data-testid="conflict-reload" onClick={onReload}>
          {TEXT.reload}
        </Button>
      }
    >
      <p data-testid="conflict">{frozen ? TEXT.frozen : refused ? TEXT.refused(save.waiting) : TEXT.conflict(save.waiting)}</p>
      {lost && (
        <Button data-testid="conflict-keep" onClick={() => saveWaiting(session)}>
          {TEXT.setAsideSave}
        </Button>
      )}
      <p style={{ color: 'var(--muted)' }}>
        {TEXT.conflictKept} <code>{save.code}</code>
      </p>
    </Dialog>
  );
}
