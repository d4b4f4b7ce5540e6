import type { UseQueryResult } from '@tanstack/react-query';
import { useState } from 'react';

import type { StudySummary } from '../../api/types';
import { Card } from '../../ui/Card';
import { Chip } from '../../ui/Chip';
import { Check, SearchField } from '../../ui/Field';
import { formatDate } from '../../ui/format';
import { QueryView } from '../../ui/QueryView';
import { type Column, Table } from '../../ui/Table';
import { toggled } from './routineReview';
import css from './readerStudies.module.css';
import { text } from './text';

interface RoutineCasesCardProps {
  query: UseQueryResult<StudySummary[]>;
  /** Those of the query that can be a case. */
  studies: readonly StudySummary[];
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
}

export function RoutineCasesCard({ query, studies, chosen, onChange }: RoutineCasesCardProps) {
  const [filter, setFilter] = useState('');
  const word = filter.trim().toLowerCase();
  const shown = studies.filter((study) => `${study.pseudonym} ${study.tracer}`.toLowerCase().includes(word));
  const all = shown.length > 0 && shown.every((study) => chosen.includes(study.id));
  const toggleAll = () => {
    const ids = shown.map((study) => study.id);
    onChange(all ? chosen.filter((id) => !ids.includes(id)) : [...new Set([...chosen, ...ids])]);
  };
  return (
    <Card
      title={text.cases}
      flush
      actions={
        <>
          <Check checked={all} onChange={toggleAll}>
            {text.selectAll}
          </Check>
          <div className={css.filter}>
            <SearchField label={text.filter} value={filter} onChange={(event) => setFilter(event.target.value)} />
          </div>
          <Chip tone={chosen.length > 0 ? 'accent' : 'plain'}>
            {chosen.length} / {studies.length}
          </Chip>
        </>
      }
    >
      <QueryView query={query} failed={text.casesFailed}>
        {() =>
          studies.length === 0 ? (
            <p className={css.hint}>{text.noCases}</p>
          ) : (
            <div className={css.scroll}>
              <Table
                label={text.cases}
                columns={columnsFor(chosen)}
                rows={shown}
                rowKey={(study) => study.id}
                onOpen={(study) => onChange(toggled(chosen, study.id))}
              />
            </div>
          )
        }
      </QueryView>
      <p className={css.hint}>{text.casesHint}</p>
    </Card>
  );
}

function columnsFor(chosen: readonly string[]): Column<StudySummary>[] {
  return [
    {
      key: 'chosen',
      head: '',
      width: '40px',
      // The row itself is pressable; the box only shows the state, so that there is one stop for the keyboard.
      cell: (study) => (
        <input type="checkbox" className={css.box} readOnly tabIndex={-1} checked={chosen.includes(study.id)} aria-label={study.pseudonym} />
      ),
    },
    { key: 'patient', head: text.readColumns.patient, cell: (study) => <b className={css.medium}>{study.pseudonym}</b> },
    { key: 'date', head: '', cell: (study) => formatDate(study.study_date) },
    { key: 'tracer', head: '', cell: (study) => study.tracer },
    { key: 'modalities', head: '', cell: (study) => study.modalities.join(' · ') },
    { key: 'synthetic', head: '', cell: (study) => study.is_synthetic && <Chip tone="warn">{text.synthetic}</Chip> },
  ];
}
