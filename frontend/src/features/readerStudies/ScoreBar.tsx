import css from './readerStudies.module.css';
import { text } from './text';

export const ROW_COLOURS = ['#2f9e6b', '#58b98a', '#4db6ff', '#f2b84b', '#ff6b5e'] as const;

/** Rows 1 to 5 as parts of one bar, with counts and shares in words below. */
export function ScoreBar({ counts }: { counts: readonly number[] }) {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return <p className={css.quiet}>{text.noScores}</p>;
  return (
    <>
      <div className={css.scoreBar} aria-hidden="true">
        {counts.map((count, index) =>
          count > 0 ? (
            <div key={index} style={{ flex: count, background: ROW_COLOURS[index] }}>
              {count}
            </div>
          ) : null,
        )}
      </div>
      <ul className={css.legend}>
        {counts.map((count, index) => (
          <li key={index}>
            <i style={{ background: ROW_COLOURS[index] }} aria-hidden="true" />
            <b>{index + 1}</b> {text.rows[index]}
            <span>
              {count} ({Math.round((100 * count) / total)} %)
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
