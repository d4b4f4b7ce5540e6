import { useState } from 'react';
import { Link, useNavigate } from 'react-router';

import { useProjects } from '../../api/endpoints/projects';
import { useCreateReaderStudy } from '../../api/endpoints/readerStudies';
import { useReleases } from '../../api/endpoints/releases';
import { useStudies } from '../../api/endpoints/studies';
import type { Project } from '../../api/types';
import { Button } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { Check, SelectField, TextField } from '../../ui/Field';
import { ErrorNote } from '../../ui/Note';
import { PageFrame } from '../../ui/PageFrame';
import { QueryView } from '../../ui/QueryView';
import { RoutineStartCard } from './RoutineStartCard';
import { RoutineCasesCard } from './RoutineCasesCard';
import { canBeCase, complaints, type Draft, EMPTY_DRAFT, toggled, toRequest } from './routineReview';
import { ReadersCard } from './ReadersCard';
import css from './readerStudies.module.css';
import { text } from './text';

export function RoutineReviewPage() {
  const projects = useProjects();
  return (
    <PageFrame crumb={<Link to="/reader-studies">‹ {text.back}</Link>} title={text.routineTitle}>
      <QueryView query={projects} failed={text.projectsFailed}>
        {(list) => <Form projects={list} />}
      </QueryView>
    </PageFrame>
  );
}

/** The only active release needs no choosing. */
function useDraft(project: string) {
  const [draft, setDraft] = useState<Draft>({ ...EMPTY_DRAFT, project });
  const active = (useReleases().data ?? []).filter((release) => release.is_active);
  const only = active.length === 1 ? active[0] : undefined;
  const release = draft.release ?? (only ? { fingerprint: only.fingerprint, name: only.name } : null);
  const change = (part: Partial<Draft>) => setDraft((old) => ({ ...old, ...part }));
  return [{ ...draft, release }, change] as const;
}

function Form({ projects }: { projects: readonly Project[] }) {
  const [draft, change] = useDraft(projects[0]?.id ?? '');
  const studies = useStudies({ project: draft.project, search: '' });
  const cases = (studies.data ?? []).filter(canBeCase);
  return (
    <div className={css.form}>
      <div className={css.stack}>
        <BasicsCard draft={draft} projects={projects} onChange={change} />
        <RoutineCasesCard query={studies} studies={cases} chosen={draft.cases} onChange={(chosen) => change({ cases: chosen })} />
        <div className={css.two}>
          <ReadersCard chosen={draft.readers} onChange={(readers) => change({ readers })} />
          <RoutineStartCard draft={draft} onChange={change} />
        </div>
        <ClockCard draft={draft} onChange={change} />
      </div>
      <PreviewCard draft={draft} request={() => toRequest(draft, cases)} />
    </div>
  );
}

interface PartProps {
  draft: Draft;
  onChange: (part: Partial<Draft>) => void;
}

function BasicsCard({ draft, projects, onChange }: PartProps & { projects: readonly Project[] }) {
  return (
    <Card>
      <div className={css.two}>
        <TextField label={text.name} required autoFocus value={draft.name} onChange={(event) => onChange({ name: event.target.value })} />
        <SelectField label={text.project} value={draft.project} onChange={(event) => onChange({ project: event.target.value, cases: [] })}>
          {projects.map((project) => (
            <option key={project.id} value={project.id}>
              {project.name}
            </option>
          ))}
        </SelectField>
      </div>
    </Card>
  );
}

function ClockCard({ draft, onChange }: PartProps) {
  return (
    <Card>
      <div className={css.two}>
        <TextField
          label={text.idle}
          hint={text.idleHint}
          type="number"
          min={1}
          max={3600}
          value={Number.isNaN(draft.idleSeconds) ? '' : draft.idleSeconds}
          onChange={(event) => onChange({ idleSeconds: event.target.valueAsNumber })}
        />
        <fieldset className={css.masked}>
          <legend>{text.masked}</legend>
          {text.maskedChoices.map(({ key, label }) => (
            <Check key={key} checked={draft.masked.includes(key)} onChange={() => onChange({ masked: toggled(draft.masked, key) })}>
              {label}
            </Check>
          ))}
        </fieldset>
      </div>
    </Card>
  );
}

function PreviewCard({ draft, request }: { draft: Draft; request: () => ReturnType<typeof toRequest> }) {
  const create = useCreateReaderStudy();
  const navigate = useNavigate();
  const wrong = complaints(draft);
  const submit = () => create.mutate(request(), { onSuccess: (study) => void navigate(`/reader-studies/${study.id}`) });
  return (
    <Card title={text.preview} className={css.preview}>
      <p className={css.big}>
        {draft.cases.length * draft.readers.length} <small>{text.previewReads(draft.cases.length * draft.readers.length)}</small>
      </p>
      <p className={css.quiet}>{text.previewLine(draft.cases.length, draft.readers.length)}</p>
      <p className={css.quiet}>{text.previewHint}</p>
      <ul className={css.complaints}>
        {wrong.map((complaint) => (
          <li key={complaint}>{complaint}</li>
        ))}
      </ul>
      <Button tone="primary" disabled={wrong.length > 0} busy={create.isPending} onClick={submit}>
        {text.makeDraft}
      </Button>
      {create.isError && <ErrorNote title={text.createFailed} error={create.error} />}
    </Card>
  );
}
