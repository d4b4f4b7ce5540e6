import type { ReaderStudy } from '../../api/types';
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

function Results({ study }: { study: ReaderStudy }) {
  const times = activeSeconds(study.reads);
  const isScored = study.reads.some((read) => read.row !== null || read.derived_row !== null);
  return (
    <div className={css.twelve}>
      <Progress study={study} />
      <MedianTime times={times} />
      {isScored && <ScoreFigures study={study} />}
      <Card title={text.times} span={isScored ? 4 : 6}>
        <TimesChart reads={study.reads} threshold={study.plan.idle_threshold_s} />
      </Card>
      {isScored && <Scores study={study} />}
    </div>
  );
}

function Scores({ study }: { study: ReaderStudy }) {
  return (
    <Card title={text.scores} span={8}>
      <ScoreBar counts={rowCounts(study.reads)} />
      {rowAgreement(study.reads).scored > 0 && (
        <div className={css.below}>
          <h2>{text.matrix}</h2>
          <RowMatrix matrix={rowMatrix(study.reads)} />
        </div>
      )}
    </Card>
  );
}

function Progress({ study }: { study: ReaderStudy }) {
  const states = countStates(study.reads);
  return <Stat span={3} value={`${states.submitted} / ${study.reads.length}`} label={`${text.submitted}, ${text.submittedMore(states.begun, states.waiting)}`} />;
}

function MedianTime({ times }: { times: readonly number[] }) {
  const middle = median(times);
  return <Stat span={3} value={formatMinutes(middle)} {...(middle === null ? {} : { unit: 'min' })} label={text.medianActive(times.length)} />;
}

/** Figures without a test: both counts are shown, and n. */
function ScoreFigures({ study }: { study: ReaderStudy }) {
  const rows = rowCounts(study.reads);
  const scored = rows.reduce((sum, count) => sum + count, 0);
  const agreement = rowAgreement(study.reads);
  return (
    <>
      <Stat span={3} value={scored === 0 ? DASH : `${scored - (rows[4] ?? 0)} / ${scored}`} label={text.usable(scored)} />
      <Stat span={3} value={agreement.scored === 0 ? DASH : `${agreement.equal} / ${agreement.scored}`} label={text.agree(agreement.scored)} />
    </>
  );
}
