import { classes } from '../../ui/classes';
import { formatMl, formatNumber } from '../../ui/format';
import { Kbd } from '../../ui/Kbd';
import type { PaneId } from '../../viewer/panes';
import { useStateOf } from './Panes';
import css from './ReadingRoom.module.css';
import type { ReadingSession } from './session';
import { TEXT } from './text';

/** What would be added, beside the outline that shows it. */
export function AddPopover({ session, pane }: { session: ReadingSession; pane: PaneId | 'mip' }) {
  const preview = useStateOf(session, (s) => s.preview);
  if (preview === null || session.previewPane !== pane) return null;
  const rule = preview.percent === null ? TEXT.fixedSuv : `${formatNumber(preview.percent, 0)} % of ${formatNumber(preview.maximumSuv, 1)}`;
  return (
    <div className={classes(css.pop, isLow(session, pane) && css.popTop)} data-testid="add-popover" role="status">
      <div className={css.popHead}>
        <b>{TEXT.addLesion}</b>
        <span>{rule}</span>
      </div>
      <div className={css.popValue}>
        SUV &gt; <b data-testid="preview-threshold">{formatNumber(preview.thresholdSuv, 2)}</b>
        {preview.problem === null ? (
          <>
            {' · '}
            <span data-testid="preview-volume">{formatMl(preview.volumeMl)}</span> mL · max {formatNumber(preview.regionMax, 1)}
          </>
        ) : (
          ` · ${preview.problem}`
        )}
      </div>
      {preview.stopped && <div style={{ color: 'var(--warn)' }}>{TEXT.leaks}</div>}
      <div className={css.popKeys}>
        <span>
          <Kbd>Ctrl</Kbd>+wheel {TEXT.changes}
        </span>
        <span>
          <Kbd>Enter</Kbd> {TEXT.accept}
        </span>
        <span>
          <Kbd>Esc</Kbd> {TEXT.cancel}
        </span>
      </div>
    </div>
  );
}

/** The panel keeps away from the lesion: above it when it lies in the lower half. */
function isLow(session: ReadingSession, pane: PaneId | 'mip'): boolean {
  const { preview } = session.state.get();
  if (preview === null || session.planes === null) return false;
  if (pane === 'mip') return false;
  const view = session.planes.view(pane);
  return view.toCanvas(preview.seed)[1] > view.size.height * 0.5;
}
