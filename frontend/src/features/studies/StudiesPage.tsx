import { useCallback, useState } from 'react';
import { Link, useNavigate } from 'react-router';

import { latestJobs, useJobs } from '../../api/endpoints/jobs';
import { useProjects } from '../../api/endpoints/projects';
import { useSession } from '../../api/endpoints/session';
import { useStudies } from '../../api/endpoints/studies';
import { hasRole } from '../../api/roles';
import type { Job, StudySummary } from '../../api/types';
import { buttonClass } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { Chip } from '../../ui/Chip';
import { EmptyState } from '../../ui/EmptyState';
import { BareSelect, SearchField } from '../../ui/Field';
import { formatDate } from '../../ui/format';
import { PageFrame } from '../../ui/PageFrame';
import { QueryView } from '../../ui/QueryView';
import { type Column, Table } from '../../ui/Table';
import { useDebounced } from '../../ui/useDebounced';
import { useListKeys } from '../../ui/useListKeys';
import { JobCell } from './JobView';
import css from './studies.module.css';
import { text } from './text';

export function StudiesPage() {
  const [project, setProject] = useState('');
  const [search, setSearch] = useState('');
  const studies = useStudies({ project, search: useDebounced(search.trim()) });
  const canImport = hasRole(useSession().data?.user, 'data_manager');
  return (
    <PageFrame
      title={text.title}
      chips={studies.data && <Chip>{text.count(studies.data.length)}</Chip>}
      actions={
        <>
          <div className={css.search}>
            <SearchField label={text.search} value={search} onChange={(event) => setSearch(event.target.value)} />
          </div>
          <ProjectSelect value={project} onChange={setProject} />
          {canImport && (
            <Link className={buttonClass('primary')} to="/import">
              {text.importNow}
            </Link>
          )}
        </>
      }
    >
      <QueryView query={studies} failed={text.failed} rows={8}>
        {(list) => (list.length > 0 ? <StudyTable studies={list} /> : <Nothing filtered={project + search !== ''} />)}
      </QueryView>
    </PageFrame>
  );
}

function ProjectSelect({ value, onChange }: { value: string; onChange: (project: string) => void }) {
  const projects = useProjects();
  return (
    <div className={css.projects}>
      <BareSelect label={text.project} value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">{text.allProjects}</option>
        {projects.data?.map((project) => (
          <option key={project.id} value={project.id}>
            {project.name}
          </option>
        ))}
      </BareSelect>
    </div>
  );
}

function Nothing({ filtered }: { filtered: boolean }) {
  return (
    <EmptyState title={filtered ? text.noMatchTitle : text.emptyTitle}>{filtered ? text.noMatch : text.empty}</EmptyState>
  );
}

function StudyTable({ studies }: { studies: readonly StudySummary[] }) {
  const navigate = useNavigate();
  const jobs = latestJobs(useJobs().data ?? []);
  const open = useCallback((study: StudySummary) => void navigate(`/studies/${study.id}`), [navigate]);
  const openIndex = useCallback(
    (index: number) => {
      const study = studies[index];
      if (study) open(study);
    },
    [open, studies],
  );
  const { index } = useListKeys({ count: studies.length, onOpen: openIndex });
  return (
    <Card flush>
      <Table
        label={text.title}
        columns={columnsFor(jobs)}
        rows={studies}
        rowKey={(study) => study.id}
        onOpen={open}
        selectedKey={studies[index]?.id ?? null}
      />
    </Card>
  );
}

function columnsFor(jobs: ReadonlyMap<string, Job>): Column<StudySummary>[] {
  const { columns } = text;
  return [
    { key: 'patient', head: columns.patient, cell: (study) => <Patient study={study} /> },
    { key: 'date', head: columns.date, cell: (study) => formatDate(study.study_date) },
    { key: 'description', head: columns.description, cell: (study) => study.description },
    { key: 'tracer', head: columns.tracer, cell: (study) => study.tracer },
    { key: 'suv', head: columns.suv, cell: (study) => <SuvBadge study={study} /> },
    { key: 'modalities', head: columns.modalities, cell: (study) => text.modalities(study.modalities) },
    { key: 'segmentations', head: columns.segmentations, cell: (study) => study.segmentation_count, numeric: true },
    { key: 'job', head: columns.job, cell: (study) => <JobCell job={jobs.get(study.id)} />, width: '210px' },
    { key: 'project', head: columns.project, cell: (study) => <span className={css.quiet}>{study.project.name}</span> },
  ];
}

function Patient({ study }: { study: StudySummary }) {
  return (
    <span className={css.patient}>
      <Link to={`/studies/${study.id}`} onClick={(event) => event.stopPropagation()}>
        {study.pseudonym}
      </Link>
      {study.is_synthetic && <Chip tone="warn">{text.synthetic}</Chip>}
    </span>
  );
}

export function SuvBadge({ study }: { study: StudySummary }) {
  if (study.pet_volume === null) return null;
  return study.suv_valid ? (
    <Chip tone="ok">{text.suvValid}</Chip>
  ) : (
    <Chip tone="bad" title={text.suvInvalidWhy}>
      {text.suvInvalid}
    </Chip>
  );
}
