import { useState } from 'react';
import { useSearchParams } from 'react-router';

import { useProjects } from '../../api/endpoints/projects';
import type { Project } from '../../api/types';
import { Button } from '../../ui/Button';
import { Chip } from '../../ui/Chip';
import { EmptyState } from '../../ui/EmptyState';
import { BareSelect } from '../../ui/Field';
import { PageFrame } from '../../ui/PageFrame';
import { QueryView } from '../../ui/QueryView';
import { WorkerNotice } from '../../ui/WorkerNotice';
import { ClinicalCard } from './ClinicalCard';
import { EarlierImports } from './EarlierImports';
import { ImportPanel } from './ImportPanel';
import { KeyTableCard } from './KeyTableCard';
import { NewProjectDialog } from './NewProjectDialog';
import { text } from './text';
import css from './upload.module.css';

/** The chosen project and the import looked at are in the address: a reload shows the same. */
export function UploadPage() {
  const projects = useProjects();
  const [params, setParams] = useSearchParams();
  const [creating, setCreating] = useState(false);
  const project = projects.data?.find((one) => one.id === params.get('project')) ?? projects.data?.[0];
  const choose = (id: string) => setParams({ project: id });
  return (
    <PageFrame
      title={text.title}
      chips={project && <ProjectChips project={project} />}
      actions={
        <>
          <ProjectSelect projects={projects.data ?? []} value={project?.id ?? ''} onChange={choose} />
          <Button onClick={() => setCreating(true)}>{text.newProject}</Button>
        </>
      }
    >
      <WorkerNotice />
      <QueryView query={projects} failed={text.projectsFailed}>
        {() => (project ? <Body key={project.id} project={project} /> : <NoProject onCreate={() => setCreating(true)} />)}
      </QueryView>
      {creating && <NewProjectDialog onClose={() => setCreating(false)} onCreated={choose} />}
    </PageFrame>
  );
}

function ProjectChips({ project }: { project: Project }) {
  return (
    <>
      <Chip>{project.pseudonym_prefix}-0001 …</Chip>
      <Chip tone={project.deidentification === 'none' ? 'warn' : 'ok'}>{text.deidentificationChips[project.deidentification]}</Chip>
    </>
  );
}

function Body({ project }: { project: Project }) {
  const [params, setParams] = useSearchParams();
  const show = (run: string | null) => setParams({ project: project.id, ...(run ? { run } : {}) });
  return (
    <div className={css.grid}>
      <ImportPanel project={project.id} run={params.get('run')} onRun={show} />
      <aside className={css.side}>
        <ClinicalCard project={project.id} />
        <KeyTableCard project={project} />
        <EarlierImports project={project.id} shown={params.get('run')} onShow={show} />
      </aside>
    </div>
  );
}

function NoProject({ onCreate }: { onCreate: () => void }) {
  return (
    <EmptyState
      title={text.noProjectTitle}
      action={
        <Button tone="primary" onClick={onCreate}>
          {text.newProject}
        </Button>
      }
    >
      {text.noProject}
    </EmptyState>
  );
}

interface ProjectSelectProps {
  projects: readonly Project[];
  value: string;
  onChange: (id: string) => void;
}

function ProjectSelect({ projects, value, onChange }: ProjectSelectProps) {
  if (projects.length === 0) return null;
  return (
    <label className={css.project}>
      <span>{text.project}</span>
      <BareSelect label={text.project} value={value} onChange={(event) => onChange(event.target.value)}>
        {projects.map((project) => (
          <option key={project.id} value={project.id}>
            {project.name}
          </option>
        ))}
      </BareSelect>
    </label>
  );
}
