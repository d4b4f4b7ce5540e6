import css from './readerStudies.module.css';
import { text } from './text';

/** Where the reader's row and the derived row part: a square of counts, the diagonal outlined. */
export function RowMatrix({ matrix }: { matrix: readonly (readonly number[])[] }) {
  const most = Math.max(1, ...matrix.flat());
  return (
    <figure className={css.figure}>
      <div className={css.matrix} role="img" aria-label={spoken(matrix)}>
        <span />
        {matrix.map((_, index) => (
          <b key={`head ${index}`}>{index + 1}</b>
        ))}
        {matrix.map((counts, row) => [
          <b key={`row ${row}`}>{row + 1}</b>,
          ...counts.map((count, derived) => (
            <i
              key={`${row} ${derived}`}
              data-equal={row === derived}
              style={count > 0 ? { background: `rgb(77 182 255 / ${0.15 + (0.6 * count) / most})` } : undefined}
              title={text.matrixCell(row + 1, derived + 1, count)}
            >
              {count > 0 ? count : ''}
            </i>
          )),
        ])}
      </div>
      <figcaption>{text.matrixNote}</figcaption>
    </figure>
  );
}

function spoken(matrix: readonly (readonly number[])[]): string {
  const cells = matrix.flatMap((counts, row) =>
    counts.flatMap((count, derived) => (count > 0 ? [text.matrixCell(row + 1, derived + 1, count)] : [])),
  );
  return [text.matrix, ...cells].join('; ');
}
