import type { WorklistItem } from '../../api/types';
import { Button } from '../../ui/Button';
import { Chip } from '../../ui/Chip';
import { actionOf, countSubmitted } from './items';
import { text } from './text';
import css from './worklist.module.css';

interface NextCaseProps {
  items: readonly WorklistItem[];
  next: WorklistItem | undefined;
  opening: string | null;
  onOpen: (item: WorklistItem) => void;
}

/** The one thing to do now, and how far one has come. */
export function NextCase({ items, next, opening, onOpen }: NextCaseProps) {
  return (
    <section className={css.next}>
      <Ring done={countSubmitted(items)} count={items.length} />
      {next ? <NextBody next={next} opening={opening} onOpen={onOpen} /> : <NoNext items={items} />}
    </section>
  );
}

function NextBody({ next, opening, onOpen }: Omit<NextCaseProps, 'items'> & { next: WorklistItem }) {
  return (
    <>
      <div className={css.nextText}>
        <h2>{text.next}</h2>
        <p className={css.pseudonym}>{next.pseudonym}</p>
        <p className={css.nextFacts}>
          <Chip>{text.caseOf(next.case_number, next.case_count)}</Chip>
          {next.tracer && <Chip>{next.tracer}</Chip>}
          <span>{next.reader_study}</span>
        </p>
      </div>
      <Button tone="primary" className={css.nextButton} busy={opening === next.assignment} onClick={() => onOpen(next)}>
        {actionOf(next)}
      </Button>
    </>
  );
}

function NoNext({ items }: { items: readonly WorklistItem[] }) {
  const done = countSubmitted(items) === items.length;
  return (
    <div className={css.nextText}>
      <p className={css.pseudonym}>{done ? text.allDone : text.nothingReady}</p>
      <p className={css.nextFacts}>{done ? text.allDoneHint : text.nothingReadyHint}</p>
    </div>
  );
}

const RADIUS = 34;
const ROUND = 2 * Math.PI * RADIUS;

function Ring({ done, count }: { done: number; count: number }) {
  return (
    <svg className={css.ring} viewBox="0 0 80 80" role="img" aria-label={text.submittedOf(done, count)}>
      <circle cx="40" cy="40" r={RADIUS} />
      <circle
        className={css.ringDone}
        cx="40"
        cy="40"
        r={RADIUS}
        strokeDasharray={`${(ROUND * done) / count} ${ROUND}`}
        transform="rotate(-90 40 40)"
      />
      <text x="40" y="45">
        {done}/{count}
      </text>
    </svg>
  );
}
