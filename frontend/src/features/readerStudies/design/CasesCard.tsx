import { useMemo, useState } from 'react';

import { type Candidate, useCandidates } from '../../../api/endpoints/readerStudyPlan';
import { useDebounced } from '../../../ui/useDebounced';
import { Button } from '../../../ui/Button';
import { Card } from '../../../ui/Card';
import { Chip } from '../../../ui/Chip';
import { BareSelect, SearchField } from '../../../ui/Field';
import { formatMl } from '../../../ui/format';
import { QueryView } from '../../../ui/QueryView';
import { type Column, Table } from '../../../ui/Table';
import { addCases, changeCase, type Design, type DesignCase, type Role } from './design';
import css from './design.module.css';
import { PlantDialog } from './PlantDialog';
import { text } from './text';

interface CasesCardProps {
  project: string;
  studyId: string;
  design: Design;
  onChange: (part: Partial<Design>) => void;
}

/** The cases of the study, and beside them those that can become one. */
export function CasesCard({ project, studyId, design, onChange }: CasesCardProps) {
  const candidates = useCandidates(project, '');
  return (
    <Card title={text.cases} flush actions={<Chip tone={design.cases.length > 0 ? 'accent' : 'plain'}>{text.caseCount(design.cases)}</Chip>}>
      <QueryView query={candidates} failed={text.casesFailed}>
        {(list) => (
          <>
            <Enrolled list={list} studyId={studyId} design={design} onChange={onChange} />
            <AddCases project={project} design={design} onChange={onChange} />
          </>
        )}
      </QueryView>
    </Card>
  );
}

interface EnrolledProps extends Omit<CasesCardProps, 'project'> {
  list: readonly Candidate[];
}

function Enrolled({ list, studyId, design, onChange }: EnrolledProps) {
  const [planting, setPlanting] = useState<string | null>(null);
  const byStudy = useMemo(() => new Map(list.map((one) => [one.study, one])), [list]);
  const change = (study: string, part: Partial<DesignCase>) => onChange({ cases: changeCase(design.cases, study, part) });
  const aiArms = design.arms.filter((arm) => arm.start === 'ai');
  const columns: Column<DesignCase>[] = [
    { key: 'number', head: text.caseNumber, numeric: true, width: '52px', cell: (one) => design.cases.indexOf(one) + 1 },
    { key: 'patient', head: text.patient, cell: (one) => <Patient candidate={byStudy.get(one.study)} /> },
    { key: 'role', head: text.role, cell: (one) => <RoleSelect value={one.role} onChange={(role) => change(one.study, { role })} /> },
    {
      key: 'reference',
      head: text.reference,
      cell: (one) => (
        <VersionSelect label={text.reference} none={text.noReference} candidate={byStudy.get(one.study)} value={one.reference} onChange={(reference) => change(one.study, { reference })} />
      ),
    },
    ...aiArms.map(
      (arm): Column<DesignCase> => ({
        key: arm.key,
        head: text.startOf(arm.title),
        cell: (one) => (
          <VersionSelect
            label={text.startOf(arm.title)}
            none={arm.source === 'version' ? text.chooseVersion : text.fromRelease}
            candidate={byStudy.get(one.study)}
            value={one.starts[arm.key] ?? null}
            onChange={(version) => change(one.study, { starts: withStart(one.starts, arm.key, version) })}
          />
        ),
      }),
    ),
    {
      key: 'actions',
      head: '',
      cell: (one) => (
        <span className={css.rowButtons}>
          {aiArms.length > 0 && (
            <Button tone="quiet" onClick={() => setPlanting(one.study)}>
              {text.plant}
            </Button>
          )}
          <Button tone="quiet" aria-label={`${text.remove}: ${byStudy.get(one.study)?.pseudonym ?? ''}`} onClick={() => onChange({ cases: design.cases.filter((other) => other !== one) })}>
            {text.remove}
          </Button>
        </span>
      ),
    },
  ];
  const planted = planting === null ? undefined : byStudy.get(planting);
  return (
    <>
      {design.cases.length === 0 ? (
        <p className={css.hint}>{text.noCasesYet}</p>
      ) : (
        <div className={css.scroll}>
          <Table label={text.cases} columns={columns} rows={design.cases} rowKey={(one) => one.study} />
        </div>
      )}
      {planted && (
        <PlantDialog
          studyId={studyId}
          candidate={planted}
          arms={aiArms}
          onClose={() => setPlanting(null)}
          onPlanted={(arm, version) => {
            const one = design.cases.find((other) => other.study === planted.study);
            change(planted.study, { starts: { ...one?.starts, [arm]: version } });
            setPlanting(null);
          }}
        />
      )}
    </>
  );
}

function withStart(starts: Readonly<Record<string, string>>, arm: string, version: string | null): Record<string, string> {
  const others = Object.fromEntries(Object.entries(starts).filter(([key]) => key !== arm));
  return version === null ? others : { ...others, [arm]: version };
}

function Patient({ candidate }: { candidate: Candidate | undefined }) {
  if (candidate === undefined) return <span className={css.quiet}>{text.notThere}</span>;
  return (
    <span className={css.patient}>
      <b>{candidate.pseudonym}</b>
      <span className={css.quiet}>{[candidate.tracer, ...Object.values(candidate.attributes).slice(0, 3)].join(' · ')}</span>
      {candidate.is_synthetic && <Chip tone="warn">{text.synthetic}</Chip>}
      {!candidate.valid_suv && <Chip tone="bad">{text.noSuv}</Chip>}
    </span>
  );
}

function RoleSelect({ value, onChange }: { value: Role; onChange: (role: Role) => void }) {
  return (
    <BareSelect label={text.role} value={value} onChange={(event) => onChange(event.target.value as Role)}>
      <option value="main">{text.roles.main}</option>
      <option value="training">{text.roles.training}</option>
    </BareSelect>
  );
}

interface VersionSelectProps {
  label: string;
  none: string;
  candidate: Candidate | undefined;
  value: string | null;
  onChange: (version: string | null) => void;
}

function VersionSelect({ label, none, candidate, value, onChange }: VersionSelectProps) {
  const versions = candidate?.versions ?? [];
  return (
    <BareSelect label={label} value={value ?? ''} onChange={(event) => onChange(event.target.value || null)}>
      <option value="">{none}</option>
      {value !== null && !versions.some((one) => one.id === value) && <option value={value}>{text.plantedVersion}</option>}
      {versions.map((one) => (
        <option key={one.id} value={one.id}>
          {`${one.title} v${one.number}${one.is_planted ? `, ${text.plantedVersion}` : ''}: ${one.lesion_count} · ${formatMl(one.ttv_ml)} mL`}
        </option>
      ))}
    </BareSelect>
  );
}

function AddCases({ project, design, onChange }: Omit<CasesCardProps, 'studyId'>) {
  const [word, setWord] = useState('');
  const candidates = useCandidates(project, useDebounced(word.trim(), 300));
  const there = new Set(design.cases.map((one) => one.study));
  const free = (candidates.data ?? []).filter((one) => !there.has(one.study));
  const add = (studies: string[]) => onChange({ cases: addCases(design.cases, studies) });
  return (
    <div className={css.addCases}>
      <div className={css.bar}>
        <div className={css.search}>
          <SearchField label={text.search} value={word} onChange={(event) => setWord(event.target.value)} />
        </div>
        <span className={css.quiet}>{text.candidates(free.length)}</span>
        <span className={css.grow} />
        {free.length > 0 && <Button onClick={() => add(free.map((one) => one.study))}>{text.addAll(free.length)}</Button>}
      </div>
      {free.length > 0 && (
        <div className={css.scroll}>
          <Table label={text.addCases} columns={CANDIDATE_COLUMNS} rows={free} rowKey={(one) => one.study} onOpen={(one) => add([one.study])} />
        </div>
      )}
    </div>
  );
}

const CANDIDATE_COLUMNS: readonly Column<Candidate>[] = [
  { key: 'add', head: '', width: '40px', cell: () => <span className={css.plus}>+</span> },
  { key: 'patient', head: text.patient, cell: (one) => <Patient candidate={one} /> },
  { key: 'study', head: text.study, cell: (one) => one.description },
  { key: 'versions', head: text.versions, numeric: true, cell: (one) => one.versions.length },
];
