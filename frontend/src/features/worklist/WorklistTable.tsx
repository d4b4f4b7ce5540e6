import type { WorklistItem } from '../../api/types';
import { Card } from '../../ui/Card';
import { Chip } from '../../ui/Chip';
import { formatDateTime } from '../../ui/format';
import { Progress } from '../../ui/Progress';
import { type Column, Table } from '../../ui/Table';
import { actionOf, canOpen, TONES, type WorklistGroup } from './items';
import { text } from './text';
import css from './worklist.module.css';

interface WorklistTableProps {
  group: WorklistGroup;
  marked: string | null;
  opening: string | null;
  onOpen: (item: WorklistItem) => void;
}

export function WorklistTable({ group, marked, opening, onOpen }: WorklistTableProps) {
  return (
    <Card title={group.readerStudy} named flush>
      <Table
        label={group.readerStudy}
        columns={columnsFor(opening)}
        rows={group.items}
        rowKey={(item) => item.assignment}
        onOpen={onOpen}
        canOpen={canOpen}
        selectedKey={marked}
      />
    </Card>
  );
}

function columnsFor(opening: string | null): Column<WorklistItem>[] {
  const { columns } = text;
  return [
    { key: 'number', head: columns.number, cell: (item) => item.case_number, numeric: true, width: '64px' },
    { key: 'pseudonym', head: columns.pseudonym, cell: (item) => <Patient item={item} />, width: '18%' },
    { key: 'tracer', head: columns.tracer, cell: (item) => item.tracer, width: '18%' },
    { key: 'state', head: columns.state, cell: (item) => <State item={item} /> },
    { key: 'submitted', head: columns.submitted, cell: (item) => formatDateTime(item.submitted_at), width: '18%' },
    { key: 'action', head: columns.action, cell: (item) => <Action item={item} busy={opening === item.assignment} />, numeric: true, width: '150px' },
  ];
}

function Patient({ item }: { item: WorklistItem }) {
  return (
    <>
      <b className={css.patient}>{item.pseudonym}</b> {item.role === 'training' && <Chip tone="accent">{text.training}</Chip>}
    </>
  );
}

function State({ item }: { item: WorklistItem }) {
  if (item.state !== 'waiting') {
    return (
      <>
        <Chip tone={TONES[item.state]}>{text.states[item.state]}</Chip> {item.opens_at !== null && text.opensAt(formatDateTime(item.opens_at))}
      </>
    );
  }
  const why = item.waiting_for ?? text.preparing;
  return (
    <span className={css.waiting}>
      <Chip tone="warn" dot="live">
        {text.states.waiting}
      </Chip>
      <span>{why}</span>
      <Progress share={item.waiting_share} label={why} />
    </span>
  );
}

function Action({ item, busy }: { item: WorklistItem; busy: boolean }) {
  const action = actionOf(item);
  if (busy) return <Chip tone="accent" dot="live">{action}</Chip>;
  return action === null ? null : <span className={css.action}>{action} ›</span>;
}
