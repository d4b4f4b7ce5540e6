import { useState } from 'react';

import { useProjects } from '../../api/endpoints/projects';
import type { Project } from '../../api/types';
import { Card } from '../../ui/Card';
import { Chip } from '../../ui/Chip';
import { EmptyState } from '../../ui/EmptyState';
import { QueryView } from '../../ui/QueryView';
import { type Column, Table } from '../../ui/Table';
import css from './administration.module.css';
import { ManagersDialog } from './ManagersDialog';
import { text } from './text';

export function ProjectsPanel() {
  const projects = useProjects();
  const [edited, setEdited] = useState<Project | null>(null);
  return (
    <QueryView query={projects} failed={text.projectsFailed}>
      {(list) =>
        list.length === 0 ? (
          <EmptyState title={text.noProjectsTitle}>{text.noProjects}</EmptyState>
        ) : (
          <>
            <Card title={text.projects} flush>
              <Table label={text.projects} columns={COLUMNS} rows={list} rowKey={(project) => project.id} onOpen={setEdited} />
            </Card>
            {edited && <ManagersDialog project={edited} onClose={() => setEdited(null)} />}
          </>
        )
      }
    </QueryView>
  );
}

const heads = text.projectColumns;

const COLUMNS: readonly Column<Project>[] = [
  { key: 'name', head: heads.name, cell: (project) => <b className={css.medium}>{project.name}</b> },
  { key: 'prefix', head: heads.prefix, cell: (project) => `${project.pseudonym_prefix}-0001 …` },
  {
    key: 'deidentification',
    head: heads.deidentification,
    cell: (project) => (
      <Chip tone={project.deidentification === 'none' ? 'warn' : 'ok'}>{text.deidentifications[project.deidentification]}</Chip>
    ),
  },
  { key: 'patients', head: heads.patients, cell: (project) => project.patient_count, numeric: true },
  { key: 'studies', head: heads.studies, cell: (project) => project.study_count, numeric: true },
  { key: 'managers', head: heads.managers, cell: (project) => project.data_managers.join(', ') || text.noManagers },
];
