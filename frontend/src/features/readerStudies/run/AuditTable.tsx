import { type AuditEntry, type AuditScope, useAudit } from '../../../api/endpoints/audit';
import { Button } from '../../../ui/Button';
import { formatDateTime } from '../../../ui/format';
import { QueryView } from '../../../ui/QueryView';
import { type Column, Table } from '../../../ui/Table';
import css from './run.module.css';
import { text } from './text';

/** Characters of values that are shown as they are, and of the first words of longer ones. */
const LONG = 200;
const SHORT = 90;

/** Who did what to which object, when and why, with the values before and after. Nobody can change it. */
export function AuditTable({ of, action = '' }: { of: AuditScope; action?: string }) {
  const audit = useAudit(of, action);
  return (
    <QueryView query={audit} failed={text.auditFailed}>
      {({ pages }) => {
        const entries = pages.flatMap((page) => page.entries);
        if (entries.length === 0) return <p className={css.more}>{text.auditEmpty}</p>;
        return (
          <>
            <Table label={text.audit} columns={COLUMNS} rows={entries} rowKey={(entry) => String(entry.id)} />
            {audit.hasNextPage && (
              <p className={css.more}>
                <Button busy={audit.isFetchingNextPage} onClick={() => void audit.fetchNextPage()}>
                  {text.older}
                </Button>
              </p>
            )}
          </>
        );
      }}
    </QueryView>
  );
}

const COLUMNS: readonly Column<AuditEntry>[] = [
  { key: 'when', head: text.when, width: '150px', cell: (entry) => formatDateTime(entry.at) },
  { key: 'who', head: text.who, cell: (entry) => entry.actor || text.system },
  { key: 'what', head: text.what, cell: (entry) => entry.action.replaceAll('_', ' ') },
  { key: 'object', head: text.object, cell: (entry) => <span title={entry.object_id}>{entry.object_type.replaceAll('_', ' ')}</span> },
  { key: 'values', head: text.values, wrap: true, cell: (entry) => <Values entry={entry} /> },
  { key: 'why', head: text.reason, wrap: true, cell: (entry) => entry.reason },
];

function Values({ entry }: { entry: AuditEntry }) {
  const write = (value: unknown): string => (value === null || value === undefined ? '' : JSON.stringify(value));
  const [before, after] = [write(entry.old), write(entry.new)];
  const whole = before === '' ? after : `${before} → ${after}`;
  if (whole.length <= LONG) return <span className={css.values}>{whole}</span>;
  return (
    <details className={css.values}>
      <summary>{`${whole.slice(0, SHORT)} …`}</summary>
      {whole}
    </details>
  );
}
