import type { ReaderStudy, ReaderStudyRead } from '../../api/types';
import { Card, Stat } from '../../ui/Card';
import { DASH, formatMinutes } from '../../ui/format';
import { Note } from '../../ui/Note';
import css from './readerStudies.module.css';
import { ReadsTable } from './ReadsTable';
import { activeSeconds, countStates, median, rowAgreement, rowCounts, rowMatrix } from './results';
import { RowMatrix } from './RowMatrix';
import { text as runText } from './run/text';
import { ScoreBar } from './ScoreBar';
import { text } from './text';
import { TimesChart } from './TimesChart';

/** Scores and times of every read; the tests and models stand on the analysis page. */
export function ResultsPanel({ study }: { study: ReaderStudy }) {
  return (
    <>
      {study.results_open ? <Results study={study} /> : <Note title={runText.closedTitle}>{runText.closed}</Note>}
      <ReadsTable studyId={study.id} reads={study.reads} open={study.results_open} />
      <p className={css.digest}>
        {text.digest}: <code>{study.plan.digest}</code>
      </p>
    </>
  );
}

/** Training, repeats and reads that were opened again stand in the table only. */
function Results({ study: { reads: all, ...study } }: { study: ReaderStudy }) {
  const reads = all.filter((read) => read.role === 'main' && read.repeat === 0 && (read.attempt ?? 1) === 1);
  const times = activeSeconds(reads);
  const isScored = reads.some((read) => read.row !== null || read.derived_row !== null);
  return (
    <div className={css.twelve}>
      <Progress reads={reads} />
      <MedianTime times={times} />
      {isScored && <ScoreFigures reads={reads} />}
      <Card title={text.times} span={isScored ? 4 : 6}>
        <TimesChart reads={reads} threshold={study.plan.idle_threshold_s} />
      </Card>
      {isScored && <Scores reads={reads} />}
    </div>
  );
}

function Scores({ reads }: { reads: readonly ReaderStudyRead[] }) {
  return (
    <Card title={text.scores} span={8}>
      <ScoreBar counts={rowCounts(reads)} />
      {rowAgreement(reads).scored > 0 && (
        <div className={css.below}>
          <h2>{text.matrix}</h2>
          <RowMatrix matrix={rowMatrix(reads)} />
        </div>
      )}
    </Card>
  );
}

function Progress({ reads }: { reads: readonly ReaderStudyRead[] }) {
  const states = countStates(reads);
  return <Stat span={3} value={`${states.submitted} / ${reads.length}`} label={`${text.submitted}, ${text.submittedMore(states.begun, states.waiting)}`} />;
}

function MedianTime({ times }: { times: readonly number[] }) {
  const middle = median(times);
  return <Stat span={3} value={formatMinutes(middle)} {...(middle === null ? {} : { unit: 'min' })} label={text.medianActive(times.length)} />;
}

/** Figures without a test: both counts are shown, and n. */
function ScoreFigures({ reads }: { reads: readonly ReaderStudyRead[] }) {
  const rows = rowCounts(reads);
  const scored = rows.reduce((sum, count) => sum + count, 0);
  const agreement = rowAgreement(reads);
  return (
    <>
      <Stat span={3} value={scored === 0 ? DASH : `${scored - (rows[4] ?? 0)} / ${scored}`} label={text.usable(scored)} />
      <Stat span={3} value={agreement.scored === 0 ? DASH : `${agreement.equal} / ${agreement.scored}`} label={text.agree(agreement.scored)} />
    </>
  );
}
