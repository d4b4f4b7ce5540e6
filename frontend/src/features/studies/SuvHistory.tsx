import type { SuvRevision } from '../../api/types';
import { formatDateTime } from '../../ui/format';
import css from './studies.module.css';
import { draftOf, SUV_FIELDS } from './suvCorrection';
import { suvText as text } from './suvText';

/** Each revision with its factor, what was corrected in it, by whom and why; newest first. */
export function SuvHistory({ revisions }: { revisions: readonly SuvRevision[] }) {
  return (
    <details>
      <summary>{text.history(revisions.length)}</summary>
      <ol className={css.revisions} reversed>
        {revisions.map((revision) => (
          <li key={revision.number} value={revision.number}>
            <b>{revision.factor === null ? text.noFactor : <code>{revision.factor.toPrecision(6)}</code>}</b>{' '}
            <span className={css.quiet}>
              {formatDateTime(revision.created_at)} {revision.created_by}
            </span>
            <p>{revision.number === 1 ? text.asImported : revision.reason}</p>
            {revision.number > 1 && <p className={css.quiet}>{corrected(revision) || text.nothingCorrected}</p>}
          </li>
        ))}
      </ol>
    </details>
  );
}

function corrected(revision: SuvRevision): string {
  const shown = draftOf(revision.values);
  return SUV_FIELDS.filter((field) => field in revision.corrections)
    .map((field) => `${text.fields[field]} ${shown[field]}`)
    .join(', ');
}
