import { Link, NavLink, Navigate, Outlet, useOutletContext, useParams } from 'react-router';

import { useReaderStudy } from '../../api/endpoints/readerStudies';
import type { ReaderStudy } from '../../api/types';
import { Chip } from '../../ui/Chip';
import { formatDate } from '../../ui/format';
import { PageFrame } from '../../ui/PageFrame';
import { QueryView } from '../../ui/QueryView';
import { PlanChip } from './ReaderStudiesPage';
import { text } from './text';

/** A reader study: its plan, its progress, its results, each on a page of its own. */
export function ReaderStudyPage() {
  const { id = '' } = useParams();
  const study = useReaderStudy(id);
  return (
    <PageFrame
      crumb={<Link to="/reader-studies">‹ {text.back}</Link>}
      title={study.data?.name ?? '…'}
      chips={study.data && <Chips study={study.data} />}
      actions={study.data && <Dates study={study.data} />}
      tabs={study.data && <Tabs study={study.data} />}
    >
      <QueryView query={study} failed={text.detailFailed} rows={10}>
        {(data) => <Outlet context={data} />}
      </QueryView>
    </PageFrame>
  );
}

/** The study of the page around. */
export const useStudyOfPage = (): ReaderStudy => useOutletContext<ReaderStudy>();

/** A draft opens on its design, a study that runs on its progress, one with open results on these. */
export function FirstTab() {
  const study = useStudyOfPage();
  if (study.plan.locked_at === null) return <Navigate to="design" replace />;
  return <Navigate to={study.results_open ? 'results' : 'progress'} replace />;
}

function Tabs({ study }: { study: ReaderStudy }) {
  const base = `/reader-studies/${study.id}`;
  const running = study.plan.locked_at !== null;
  const shown = text.tabs.filter((tab) => running || !tab.whenLocked);
  return shown.map((tab) => (
    <NavLink key={tab.path} to={`${base}/${tab.path}`}>
      {tab.label}
    </NavLink>
  ));
}

function Chips({ study }: { study: ReaderStudy }) {
  return (
    <>
      <PlanChip plan={study.plan} />
      {study.state === 'amending' && <Chip tone="warn">{text.amending}</Chip>}
      {study.is_synthetic && <Chip tone="warn">{text.synthetic}</Chip>}
      <Chip>{study.project.name}</Chip>
    </>
  );
}

function Dates({ study }: { study: ReaderStudy }) {
  if (study.data_locked_at !== null) return <Chip tone="accent">{text.dataLockedOn(formatDate(study.data_locked_at))}</Chip>;
  return study.plan.locked_at && <Chip>{text.lockedOn(formatDate(study.plan.locked_at))}</Chip>;
}
