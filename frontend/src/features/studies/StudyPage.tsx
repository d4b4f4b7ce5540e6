import { useState } from 'react';
import { Link, useParams } from 'react-router';

import { isUnfinished, useJobs } from '../../api/endpoints/jobs';
import { useStudy } from '../../api/endpoints/studies';
import type { Job, Study } from '../../api/types';
import { Button } from '../../ui/Button';
import { Chip } from '../../ui/Chip';
import { formatDate } from '../../ui/format';
import { PageFrame } from '../../ui/PageFrame';
import { QueryView } from '../../ui/QueryView';
import { WorkerNotice } from '../../ui/WorkerNotice';
import { AttributesCard } from './AttributesCard';
import { JobHistory } from './JobHistory';
import { RunningJob } from './JobView';
import { MipCard } from './MipCard';
import { SegmentationsCard } from './SegmentationsCard';
import { SegmentDialog } from './SegmentDialog';
import { SeriesCard } from './SeriesCard';
import { SuvBadge } from './StudiesPage';
import css from './studies.module.css';
import { SuvCard } from './SuvCard';
import { text } from './text';

export function StudyPage() {
  const { id = '' } = useParams();
  const study = useStudy(id);
  const jobs = (useJobs().data ?? []).filter((job) => job.study === id);
  const [dialogOpen, setDialogOpen] = useState(false);
  return (
    <PageFrame
      crumb={<Link to="/studies">‹ {text.back}</Link>}
      title={study.data?.pseudonym ?? '…'}
      chips={study.data && <StudyChips study={study.data} />}
      actions={study.data && <SegmentButton study={study.data} jobs={jobs} onPress={() => setDialogOpen(true)} />}
    >
      <WorkerNotice />
      <QueryView query={study} failed={text.detailFailed} rows={10}>
        {(data) => (
          <>
            <StudyBody study={data} jobs={jobs} />
            {dialogOpen && <SegmentDialog study={data} onClose={() => setDialogOpen(false)} />}
          </>
        )}
      </QueryView>
    </PageFrame>
  );
}

function StudyChips({ study }: { study: Study }) {
  return (
    <>
      <Chip>{formatDate(study.study_date)}</Chip>
      {study.tracer && <Chip>{study.tracer}</Chip>}
      <Chip>{text.modalities(study.modalities)}</Chip>
      <SuvBadge study={study} />
      {study.is_synthetic && <Chip tone="warn">{text.synthetic}</Chip>}
    </>
  );
}

function SegmentButton({ study, jobs, onPress }: { study: Study; jobs: readonly Job[]; onPress: () => void }) {
  const ready = study.suv_valid && study.pet_volume !== null;
  return (
    <Button tone="primary" disabled={!ready || jobs.some(isUnfinished)} title={ready ? undefined : text.segmentNeedsSuv} onClick={onPress}>
      {text.segment}
    </Button>
  );
}

function StudyBody({ study, jobs }: { study: Study; jobs: readonly Job[] }) {
  const [overlay, setOverlay] = useState<string | null>(null);
  return (
    <div className={css.grid}>
      <MipCard study={study} overlay={overlay} onOverlay={setOverlay} />
      <div className={css.stack}>
        {jobs.filter(isUnfinished).map((job) => (
          <RunningJob key={job.id} job={job} />
        ))}
        <SegmentationsCard segmentations={study.segmentations} overlay={overlay} onOverlay={setOverlay} />
        <JobHistory jobs={jobs} />
      </div>
      <div className={css.stack}>
        {study.pet_volume && <SuvCard volume={study.pet_volume} />}
        <SeriesCard series={study.series} />
        <AttributesCard attributes={study.attributes} />
      </div>
    </div>
  );
}
