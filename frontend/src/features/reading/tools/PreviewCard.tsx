import { classes } from '../../../ui/classes';
import { Kbd } from '../../../ui/Kbd';
import type { PaneId } from '../../../viewer/panes';
import { useStateOf } from '../Panes';
import css from './tools.module.css';
import type { ReadingSession } from '../session';
import { TOOL_TEXT } from './text';
import type { Fact, Preview } from './tool';

/** What Enter would do, beside the outline that shows it. */
export function PreviewCard({ session, pane }: { session: ReadingSession; pane: PaneId | 'mip' }) {
  const preview = useStateOf(session, (s) => s.preview);
  if (preview === null || preview.pane !== pane) return null;
  const { title, rule, facts, warnings, problem, busy, stepHint } = preview;
  return (
    <div className={classes(css.card, isLow(session, preview, pane) && css.cardTop)} data-testid="add-popover" data-busy={busy} role="status">
      <div className={css.cardHead}>
        <b>{title}</b>
        <span>{rule}</span>
      </div>
      {(facts.length > 0 || busy || problem !== null) && (
        <div className={css.cardFacts}>
          {facts.map((fact) => (
            <FactText key={fact.id} fact={fact} />
          ))}
          {busy && (
            <span className={css.busy} data-testid="computing">
              <i aria-hidden="true" />
              {TOOL_TEXT.computing}
            </span>
          )}
          {problem !== null && <span data-testid="preview-problem">{problem}</span>}
        </div>
      )}
      {warnings.map((warning) => (
        <div key={warning} className={css.warning} data-testid="preview-warning">
          {warning}
        </div>
      ))}
      <div className={css.cardKeys}>
        {stepHint !== null && (
          <span>
            <Kbd>Ctrl</Kbd>+wheel {stepHint}
          </span>
        )}
        {problem === null && (
          <span>
            <Kbd>Enter</Kbd> {TOOL_TEXT.accept}
          </span>
        )}
        <span>
          <Kbd>Esc</Kbd> {TOOL_TEXT.cancel}
        </span>
      </div>
    </div>
  );
}

function FactText({ fact }: { fact: Fact }) {
  return (
    <span>
      {fact.before}
      <b data-testid={`preview-${fact.id}`}>{fact.value}</b>
      {fact.after}
    </span>
  );
}

/** The card keeps away from the lesion: above it when it lies in the lower half. */
function isLow(session: ReadingSession, { at }: Preview, pane: PaneId | 'mip'): boolean {
  if (at === null || pane === 'mip' || session.planes === null) return false;
  const view = session.planes.view(pane);
  return view.toCanvas(at)[1] > view.size.height * 0.5;
}
