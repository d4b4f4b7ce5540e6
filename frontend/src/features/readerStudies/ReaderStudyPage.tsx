import { useState } from 'react';
import { Link, useParams } from 'react-router';

import { exportZipUrl, scoresCsvUrl, useReaderStudy } from '../../api/endpoints/readerStudies';
import type { ReaderStudy } from '../../api/types';
import { Button, ButtonLink } from '../../ui/Button';
import { Card, Stat } from '../../ui/Card';
import { Chip } from '../../ui/Chip';
import { DASH, formatDate, formatMinutes } from '../../ui/format';
import { Note } from '../../ui/Note';
import { PageFrame } from '../../ui/PageFrame';
import { QueryView } from '../../ui/QueryView';
import { LockDialog } from './LockDialog';
import { PlanChip } from './ReaderStudiesPage';
import css from './readerStudies.module.css';
import { ReadsTable } from './ReadsTable';
import { activeSeconds, countStates, median, rowAgreement, rowCounts, rowMatrix } from './results';
import { RowMatrix } from './RowMatrix';
import { ScoreBar } from './ScoreBar';
import { text } from './text';
import { TimesChart } from './TimesChart';

export function ReaderStudyPage() {
  const { id = '' } = useParams();
  const study = useReaderStudy(id);
  const [locking, setLocking] = useState(false);
  return (
    <PageFrame
      crumb={<Link to="/reader-studies">‹ {text.back}</Link>}
      title={study.data?.name ?? '…'}
      chips={study.data && <Chips study={study.data} />}
      actions={study.data && <Actions study={study.data} onLock={() => setLocking(true)} />}
    >
      <QueryView query={study} failed={text.detailFailed} rows={10}>
        {(data) => (
          <>
            {data.plan.locked_at ? <Results study={data} /> : <Note tone="accent" title={text.draftTitle}>{text.draftNote}</Note>}
            <ReadsTable reads={data.reads} locked={data.plan.locked_at !== null} />
            {data.plan.locked_at && (
              <p className={css.digest}>
                {text.digest}: <code>{data.plan.digest}</code>
              </p>
            )}
            {locking && <LockDialog study={data} onClose={() => setLocking(false)} />}
          </>
        )}
      </QueryView>
    </PageFrame>
  );
}

function Chips({ study }: { study: ReaderStudy }) {
  return (
    <>
      <PlanChip plan={study.plan} />
      {study.is_synthetic && <Chip tone="warn">{text.synthetic}</Chip>}
      <Chip>{study.project.name}</Chip>
    </>
  );
}

function Actions({ study, onLock }: { study: ReaderStudy; onLock: () => void }) {
  if (!study.plan.locked_at) {
    return (
      <Button tone="primary" onClick={onLock}>
        {text.lock}
      </Button>
    );
  }
  return (
    <>
      <Chip>{text.lockedOn(formatDate(study.plan.locked_at))}</Chip>
      <ButtonLink href={scoresCsvUrl(study.id)} download>
        {text.csv}
      </ButtonLink>
      <ButtonLink tone="primary" href={exportZipUrl(study.id)} download>
        {text.export}
      </ButtonLink>
    </>
  );
}

function Results({ study }: { study: ReaderStudy }) {
  const times = activeSeconds(study.reads);
  const isScored = study.reads.some((read) => read.arm === 'ai');
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
  return (
    <Stat
      span={3}
      value={`${states.submitted} / ${study.reads.length}`}
      label={`${text.submitted}, ${text.submittedMore(states.begun, states.waiting)}`}
    />
  );
}

function MedianTime({ times }: { times: readonly number[] }) {
  const middle = median(times);
  return (
    <Stat span={3} value={formatMinutes(middle)} {...(middle === null ? {} : { unit: 'min' })} label={text.medianActive(times.length)} />
  );
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
