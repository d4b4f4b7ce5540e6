import { useState } from 'react';
import { Link, useParams } from 'react-router';

import { type ReadDifferences, type ReadTimeline, useAbandonAssignment, useDifferences, useReopenAssignment, useTimeline } from '../../../api/endpoints/readerStudyRun';
import { useReaderStudy } from '../../../api/endpoints/readerStudies';
import type { ReaderStudyRead } from '../../../api/types';
import { Button } from '../../../ui/Button';
import { Card, Facts } from '../../../ui/Card';
import { Chip } from '../../../ui/Chip';
import { formatDuration, formatMinutes, formatMl, formatNumber } from '../../../ui/format';
import { PageFrame } from '../../../ui/PageFrame';
import { QueryView } from '../../../ui/QueryView';
import { useToast } from '../../../ui/Toast';
import { type Column, Table } from '../../../ui/Table';
import { AuditTable } from './AuditTable';
import { ReasonDialog } from './ReasonDialog';
import css from './run.module.css';
import { text } from './text';
import { Timeline } from './Timeline';

/** One read of the study: its clock as a picture, what it changed, what the audit says of it. */
export function ReadPage() {
  const { id = '', readId = '' } = useParams();
  const study = useReaderStudy(id);
  const read = study.data?.reads.find((one) => one.read === readId);
  const timeline = useTimeline(readId);
  const differences = useDifferences(readId);
  return (
    <PageFrame
      crumb={<Link to={`/reader-studies/${id}/results`}>‹ {study.data?.name ?? ''}</Link>}
      title={text.readTitle(read?.pseudonym ?? '')}
      chips={
        read && (
          <>
            <Chip>{read.reader.name}</Chip>
            {study.data?.is_synthetic && <Chip tone="warn">{text.synthetic}</Chip>}
          </>
        )
      }
      actions={read && study.data?.data_locked_at === null && <Actions studyId={id} read={read} />}
    >
      <Card title={text.timeline}>
        <QueryView query={timeline} failed={text.timelineFailed} rows={3}>
          {(data) => (
            <>
              <Timeline timeline={data} />
              <p className={css.quiet}>{partLine(data)}</p>
            </>
          )}
        </QueryView>
      </Card>
      {timeline.data && <Times timeline={timeline.data} />}
      <Card title={text.differences} flush>
        <QueryView query={differences} failed={text.differencesFailed}>
          {(data) => <Differences data={data} />}
        </QueryView>
      </Card>
      <Card title={text.audit} flush>
        <AuditTable of={{ read: readId }} />
      </Card>
    </PageFrame>
  );
}

function partLine(timeline: ReadTimeline): string {
  const names = Object.keys(text.parts) as (keyof typeof text.parts)[];
  const parts = names.map((part) => `${text.parts[part]} ${formatMinutes((timeline.parts[part] ?? 0) / 1000)}`).join(' + ');
  return text.partLine(formatMinutes(timeline.end_ms === null ? null : (timeline.end_ms - timeline.start_ms) / 1000), parts);
}

function Times({ timeline }: { timeline: ReadTimeline }) {
  return (
    <div className={css.two}>
      <Card title={text.variants}>
        <Facts items={Object.entries(timeline.variants).map(([name, value]) => [text.variantNames[name] ?? name.replaceAll('_', ' '), formatDuration(value / 1000)] as const)} />
      </Card>
      <Card title={text.actions} flush>
        <Table
          label={text.actions}
          columns={[
            { key: 'tool', head: text.tool, cell: (row) => row.tool.replaceAll('_', ' ') },
            { key: 'count', head: text.number, numeric: true, cell: (row) => row.count },
            { key: 'seconds', head: text.seconds, numeric: true, cell: (row) => formatNumber(row.seconds, 1) },
          ]}
          rows={timeline.actions}
          rowKey={(row) => row.tool}
        />
      </Card>
      <Card title={text.perLesion} flush>
        <Table
          label={text.perLesion}
          columns={[
            { key: 'lesion', head: text.lesion, numeric: true, cell: (row) => row.label },
            { key: 'count', head: text.number, numeric: true, cell: (row) => row.actions },
            { key: 'seconds', head: text.seconds, numeric: true, cell: (row) => formatNumber(row.seconds, 1) },
          ]}
          rows={timeline.lesions}
          rowKey={(row) => String(row.label)}
        />
      </Card>
    </div>
  );
}

type Difference = ReadDifferences['lesions'][number];

const DIFFERENCES: readonly Column<Difference>[] = [
  { key: 'kind', head: text.kind, cell: (row) => <Chip tone={row.kind === 'kept' ? 'plain' : 'warn'}>{text.kinds[row.kind]}</Chip> },
  { key: 'lesions', head: text.lesion, cell: (row) => [...new Set([...row.ai_labels, ...row.final_labels])].join(', ') },
  { key: 'ai', head: text.aiMl, numeric: true, cell: (row) => formatMl(row.ai_ml) },
  { key: 'final', head: text.finalMl, numeric: true, cell: (row) => formatMl(row.final_ml) },
  { key: 'common', head: text.commonMl, numeric: true, cell: (row) => formatMl(row.common_ml) },
];

function Differences({ data }: { data: ReadDifferences }) {
  if (data.lesions.length === 0) return <p className={css.more}>{data.derived === null ? text.noAiStart : text.noDifferences}</p>;
  return (
    <>
      <Table label={text.differences} columns={DIFFERENCES} rows={data.lesions} rowKey={(row) => `${row.kind} ${row.ai_labels.join()} ${row.final_labels.join()} ${row.centroid_xyz_mm?.join() ?? ''}`} />
      {data.planted !== null && data.planted.length > 0 && (
        <div className={css.more}>
          <h3>{text.plantedErrors}</h3>
          <ul>
            {data.planted.map((error) => (
              <li key={`${error.kind} ${error.label}`}>
                {`${error.kind}, ${error.label}, ${formatMl(error.volume_ml)} mL: `}
                <b>{error.corrected ? text.corrected : text.left}</b>
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}

function Actions({ studyId, read }: { studyId: string; read: ReaderStudyRead }) {
  const [asking, setAsking] = useState<'reopen' | 'abandon' | null>(null);
  const reopen = useReopenAssignment(studyId);
  const abandon = useAbandonAssignment(studyId);
  const say = useToast();
  const done = (message: string) => () => {
    say(message, 'ok');
    setAsking(null);
  };
  return (
    <>
      {read.state === 'submitted' || read.state === 'abandoned' ? (
        <Button onClick={() => setAsking('reopen')}>{text.reopen}</Button>
      ) : (
        <Button onClick={() => setAsking('abandon')}>{text.abandon}</Button>
      )}
      {asking === 'reopen' && (
        <ReasonDialog
          title={text.reopen}
          note={text.reopenNote}
          action={text.reopen}
          failed={text.reopenFailed}
          query={reopen}
          onSubmit={(reason) => reopen.mutate({ assignment: read.assignment, reason }, { onSuccess: done(text.reopenedToast) })}
          onClose={() => setAsking(null)}
        />
      )}
      {asking === 'abandon' && (
        <ReasonDialog
          title={text.abandon}
          note={text.abandonNote}
          action={text.abandon}
          failed={text.abandonFailed}
          query={abandon}
          onSubmit={(reason) => abandon.mutate({ assignment: read.assignment, reason }, { onSuccess: done(text.abandonedToast) })}
          onClose={() => setAsking(null)}
        />
      )}
    </>
  );
}
