import { useMutation, useQueryClient } from '@tanstack/react-query';

import { cancelStudyExport, isEnded, studyExportsKey, studyExportUrl, useStudyExports } from '../../../api/endpoints/studyExports';
import type { StudyExport } from '../../../api/types';
import { Button, ButtonLink } from '../../../ui/Button';
import { Card } from '../../../ui/Card';
import { Chip } from '../../../ui/Chip';
import { EmptyState } from '../../../ui/EmptyState';
import { DASH, formatBytes, formatDateTime } from '../../../ui/format';
import { ErrorNote } from '../../../ui/Note';
import { Progress } from '../../../ui/Progress';
import { QueryView } from '../../../ui/QueryView';
import { type Column, Table } from '../../../ui/Table';
import css from './exports.module.css';
import { text } from './text';

/** Every export of the reader study, newest first, with what can be done with it. */
export function ExportHistory({ readerStudyId }: { readerStudyId: string }) {
  const exports = useStudyExports(readerStudyId);
  const cache = useQueryClient();
  const cancel = useMutation({
    mutationFn: cancelStudyExport,
    onSettled: () => cache.invalidateQueries({ queryKey: studyExportsKey(readerStudyId) }),
  });
  return (
    <Card title={text.history} flush>
      {cancel.isError && <ErrorNote title={text.cancelFailed} error={cancel.error} />}
      <QueryView query={exports} failed={text.historyFailed} rows={3}>
        {(rows) =>
          rows.length === 0 ? (
            <EmptyState title={text.none} />
          ) : (
            <Table
              label={text.history}
              columns={columns((id) => cancel.mutate(id))}
              rows={rows}
              rowKey={(row) => row.id}
            />
          )
        }
      </QueryView>
    </Card>
  );
}

const columns = (onCancel: (id: string) => void): readonly Column<StudyExport>[] => [
  { key: 'when', head: text.columns.when, cell: (row) => formatDateTime(row.created_at) },
  { key: 'by', head: text.columns.by, cell: (row) => row.requested_by },
  { key: 'holds', head: text.columns.holds, wrap: true, cell: (row) => <Holds row={row} /> },
  { key: 'state', head: text.columns.state, wrap: true, cell: (row) => <State row={row} /> },
  {
    key: 'size',
    head: text.columns.size,
    numeric: true,
    cell: (row) => (row.size_bytes === null ? DASH : formatBytes(row.size_bytes)),
  },
  {
    key: 'actions',
    head: '',
    cell: (row) => (
      <div className={css.actions}>
        {row.has_file && (
          <ButtonLink href={studyExportUrl(row.id)} download>
            {text.download}
          </ButtonLink>
        )}
        {!isEnded(row) && <Button onClick={() => onCancel(row.id)}>{text.cancel}</Button>}
      </div>
    ),
  },
];

function Holds({ row }: { row: StudyExport }) {
  const formats = row.parts.includes('tables') ? ` (${row.formats.map((one) => text.formatNames[one]).join(', ')})` : '';
  return (
    <>
      {row.parts.map((part) => text.partNames[part] + (part === 'tables' ? formats : '')).join('; ')}{' '}
      {row.is_masked && (
        <Chip tone="warn" title={text.maskedHint}>
          {text.maskedChip}
        </Chip>
      )}
    </>
  );
}

function State({ row }: { row: StudyExport }) {
  if (row.state === 'running') {
    const share = row.total > 0 ? row.done / row.total : null;
    return (
      <div className={css.progress}>
        <span>{text.progress(row) || text.states.running}</span>
        <Progress share={share} label={text.states.running} />
      </div>
    );
  }
  if (row.state === 'failed') {
    return (
      <span className={css.failed}>
        {text.states.failed}: {row.error_message}
      </span>
    );
  }
  return <span title={row.sha256 ? `sha256 ${row.sha256}` : undefined}>{row.state === 'done' && !row.has_file ? text.removed : text.states[row.state]}</span>;
}
