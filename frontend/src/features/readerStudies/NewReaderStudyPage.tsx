import { type FormEvent, useState } from 'react';
import { Link, useNavigate } from 'react-router';

import { useProjects } from '../../api/endpoints/projects';
import { useCreateReaderStudy } from '../../api/endpoints/readerStudies';
import type { Project } from '../../api/types';
import { Button, buttonClass } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { SelectField, TextField } from '../../ui/Field';
import { ErrorNote } from '../../ui/Note';
import { PageFrame } from '../../ui/PageFrame';
import { QueryView } from '../../ui/QueryView';
import css from './readerStudies.module.css';
import { text } from './text';

/** A name and a project make a draft; everything else is decided on its design page and kept as it is typed. */
export function NewReaderStudyPage() {
  const projects = useProjects();
  return (
    <PageFrame narrow crumb={<Link to="/reader-studies">‹ {text.back}</Link>} title={text.newTitle}>
      <QueryView query={projects} failed={text.projectsFailed}>
        {(list) => <Form projects={list} />}
      </QueryView>
    </PageFrame>
  );
}

function Form({ projects }: { projects: readonly Project[] }) {
  const create = useCreateReaderStudy();
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const [project, setProject] = useState(projects[0]?.id ?? '');
  const ready = name.trim() !== '' && project !== '';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) create.mutate({ project, name: name.trim(), design: {} }, { onSuccess: (study) => void navigate(`/reader-studies/${study.id}/design`) });
  };
  return (
    <Card>
      <form className={css.stack} onSubmit={submit}>
        <TextField label={text.name} required autoFocus value={name} onChange={(event) => setName(event.target.value)} />
        <SelectField label={text.project} value={project} onChange={(event) => setProject(event.target.value)}>
          {projects.map((one) => (
            <option key={one.id} value={one.id}>
              {one.name}
            </option>
          ))}
        </SelectField>
        <div className={css.buttons}>
          <Button type="submit" tone="primary" disabled={!ready} busy={create.isPending}>
            {text.design}
          </Button>
          <Link className={buttonClass('quiet')} to="/reader-studies/routine">
            {text.routine}
          </Link>
        </div>
        <p className={css.quiet}>{text.routineHint}</p>
        {create.isError && <ErrorNote title={text.createFailed} error={create.error} />}
      </form>
    </Card>
  );
}
