import { Button } from '../../../ui/Button';
import { Chip } from '../../../ui/Chip';
import { EmptyState, Loading } from '../../../ui/EmptyState';
import { formatDate } from '../../../ui/format';
import { ErrorNote, Note } from '../../../ui/Note';
import { QueryView } from '../../../ui/QueryView';
import css from './analysis.module.css';
import { readReport, type Report } from './report';
import { ReportView } from './ReportView';
import { text } from './text';
import { useAnalysis, useComputeAnalysis } from './useAnalysis';

type Answer = NonNullable<ReturnType<typeof useAnalysis>['data']>;

/** The analysis of one reader study: computed in the background, kept, shown, taken home. It stands in a tab of the study. */
export function AnalysisPanel({ readerStudyId }: { readerStudyId: string }) {
  const analysis = useAnalysis(readerStudyId);
  const compute = useComputeAnalysis(readerStudyId);
  const report = readReport(analysis.data?.report);
  const start = () => compute.mutate();
  return (
    <>
      {report !== null && (
        <div className={css.head}>
          <Chips report={report} computedAt={analysis.data?.computed_at ?? null} />
          <span className={css.grow} />
          <Button onClick={start} busy={compute.isPending || analysis.data?.state === 'running'}>
            {text.again}
          </Button>
        </div>
      )}
      {compute.isError && <ErrorNote title={text.startFailed} error={compute.error} onRetry={start} />}
      <QueryView query={analysis} failed={text.failed} rows={10}>
        {(answer) => <State answer={answer} report={report} busy={compute.isPending} onStart={start} />}
      </QueryView>
    </>
  );
}

function Chips({ report, computedAt }: { report: Report; computedAt: string | null }) {
  return (
    <>
      {report.is_synthetic && <Chip tone="warn">{text.synthetic}</Chip>}
      {report.is_interim && <Chip tone="warn">{text.interim}</Chip>}
      {computedAt !== null && <Chip>{text.computed(formatDate(computedAt))}</Chip>}
    </>
  );
}

interface StateProps {
  answer: Answer;
  report: Report | null;
  busy: boolean;
  onStart: () => void;
}

function State({ answer, report, busy, onStart }: StateProps) {
  const button = (
    <Button tone="primary" onClick={onStart} busy={busy}>
      {text.compute}
    </Button>
  );
  if (answer.state === 'masked') {
    return (
      <Note tone="warn" title={text.masked}>
        <p>{answer.error}</p>
      </Note>
    );
  }
  return (
    <div className={css.page}>
      {answer.state === 'failed' && (
        <Note tone="bad" title={text.failedJob} actions={button}>
          <p>{answer.error}</p>
        </Note>
      )}
      {answer.state === 'running' && (
        <Note title={text.running}>
          <p>{text.runningHint}</p>
        </Note>
      )}
      {answer.is_stale && report !== null && (
        <Note tone="warn" title={text.stale} actions={<Button onClick={onStart}>{text.again}</Button>} />
      )}
      {answer.state === 'done' && report === null && <Note tone="warn" title={text.unknown} actions={button} />}
      {answer.state === 'running' && report === null && <Loading rows={8} />}
      {answer.state === 'none' && (
        <EmptyState title={text.none} action={button}>
          {text.noneHint}
        </EmptyState>
      )}
      {report !== null && <ReportView report={report} />}
    </div>
  );
}
