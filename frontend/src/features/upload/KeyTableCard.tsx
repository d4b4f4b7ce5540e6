import { useState } from 'react';

import { useLookAtPatientKeys } from '../../api/endpoints/projects';
import { useSession } from '../../api/endpoints/session';
import { hasRole } from '../../api/roles';
import type { PatientKey, Project } from '../../api/types';
import { Button } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { Dialog } from '../../ui/Dialog';
import { EmptyState, Loading } from '../../ui/EmptyState';
import { SearchField } from '../../ui/Field';
import { DASH } from '../../ui/format';
import { ErrorNote, Note } from '../../ui/Note';
import { type Column, Table } from '../../ui/Table';
import { matchingKeys } from './keyTable';
import { text } from './text';
import css from './upload.module.css';

/** Which patient a pseudonym stands for: for data managers, on their own request, and recorded each time. */
export function KeyTableCard({ project }: { project: Project }) {
  const [open, setOpen] = useState(false);
  if (!hasRole(useSession().data?.user, 'data_manager')) return null;
  return (
    <Card title={text.keyTable}>
      <div className={css.clinical}>
        <p className={css.quiet}>{text.keyTableHint}</p>
        <Button onClick={() => setOpen(true)}>{text.keyTableOpen}</Button>
      </div>
      {open && <KeyTableDialog project={project} onClose={() => setOpen(false)} />}
    </Card>
  );
}

/** The names live only as long as the dialog: closed, they are gone from the page. */
function KeyTableDialog({ project, onClose }: { project: Project; onClose: () => void }) {
  const look = useLookAtPatientKeys();
  const show = () => look.mutate(project.id);
  return (
    <Dialog title={text.keyTableTitle(project.name)} wide closeLabel={text.close} onClose={onClose}>
      <Note tone="warn" title={text.keyTableWarning}>
        <p>{text.keyTableWarningWhy}</p>
      </Note>
      {look.isIdle && (
        <Button tone="primary" data-first onClick={show}>
          {text.keyTableShow}
        </Button>
      )}
      {look.isPending && <Loading rows={4} />}
      {look.isError && <ErrorNote title={text.keyTableFailed} error={look.error} onRetry={show} />}
      {look.data && <Keys keys={look.data} />}
    </Dialog>
  );
}

const COLUMNS: readonly Column<PatientKey>[] = [
  { key: 'pseudonym', head: text.keyColumns.pseudonym, cell: (key) => <b>{key.pseudonym}</b> },
  { key: 'id', head: text.keyColumns.id, cell: (key) => key.source_patient_id },
  { key: 'name', head: text.keyColumns.name, cell: (key) => key.source_patient_name.replaceAll('^', ' ') || DASH },
];

function Keys({ keys }: { keys: readonly PatientKey[] }) {
  const [search, setSearch] = useState('');
  const found = matchingKeys(keys, search);
  if (keys.length === 0) return <EmptyState title={text.keyTableEmpty}>{text.keyTableEmptyWhy}</EmptyState>;
  return (
    <>
      <SearchField label={text.keyTableSearch} autoFocus value={search} onChange={(event) => setSearch(event.target.value)} />
      <p className={css.quiet} role="status">
        {text.keyTableCount(found.length, keys.length)}
      </p>
      <div className={css.keys}>
        <Table label={text.keyTable} columns={COLUMNS} rows={found} rowKey={(key) => key.pseudonym + key.source_patient_id} />
      </div>
    </>
  );
}
