import { Link, useNavigate } from 'react-router';

import { useReaderStudies } from '../../api/endpoints/readerStudies';
import type { ReaderStudySummary } from '../../api/types';
import { buttonClass } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { Chip } from '../../ui/Chip';
import { EmptyState } from '../../ui/EmptyState';
import { formatDate } from '../../ui/format';
import { PageFrame } from '../../ui/PageFrame';
import { Progress } from '../../ui/Progress';
import { QueryView } from '../../ui/QueryView';
import { type Column, Table } from '../../ui/Table';
import css from './readerStudies.module.css';
import { text } from './text';

export function ReaderStudiesPage() {
  const studies = useReaderStudies();
  const navigate = useNavigate();
  const create = (
    <Link className={buttonClass('primary')} to="/reader-studies/new">
      {text.create}
    </Link>
  );
  return (
    <PageFrame title={text.title} actions={create}>
      <QueryView query={studies} failed={text.failed}>
        {(list) =>
          list.length === 0 ? (
            <EmptyState title={text.emptyTitle} action={create}>
              {text.empty}
            </EmptyState>
          ) : (
            <Card flush>
              <Table
                label={text.title}
                columns={COLUMNS}
                rows={list}
                rowKey={(study) => study.id}
                onOpen={(study) => void navigate(`/reader-studies/${study.id}`)}
              />
            </Card>
          )
        }
      </QueryView>
    </PageFrame>
  );
}

export function PlanChip({ plan }: { plan: ReaderStudySummary['plan'] }) {
  return plan.locked_at ? (
    <Chip tone="accent">{text.locked(plan.number)}</Chip>
  ) : (
    <Chip>{text.draft(plan.number)}</Chip>
  );
}

const COLUMNS: readonly Column<ReaderStudySummary>[] = [
  {
    key: 'name',
    head: text.columns.name,
    cell: (study) => (
      <span className={css.name}>
        <Link to={`/reader-studies/${study.id}`}>{study.name}</Link>
        {study.is_synthetic && <Chip tone="warn">{text.synthetic}</Chip>}
      </span>
    ),
  },
  { key: 'project', head: text.columns.project, cell: (study) => study.project.name },
  { key: 'plan', head: text.columns.plan, cell: (study) => <PlanChip plan={study.plan} /> },
  { key: 'progress', head: text.columns.progress, cell: (study) => <Submitted study={study} />, width: '240px' },
  { key: 'threshold', head: text.columns.threshold, cell: (study) => `${study.plan.idle_threshold_s} s`, numeric: true },
  { key: 'locked', head: text.columns.locked, cell: (study) => formatDate(study.plan.locked_at) },
];

function Submitted({ study }: { study: ReaderStudySummary }) {
  const { assignments, submitted } = study.counts;
  if (!study.plan.locked_at || assignments === 0) return <>–</>;
  return (
    <span className={css.submitted}>
      <Progress share={submitted / assignments} label={text.columns.progress} tone="ok" />
      {submitted} / {assignments}
    </span>
  );
}
