import { useState } from 'react';

import { type Preview, type PreviewRow, usePreview } from '../../../api/endpoints/readerStudyPlan';
import { useReaders } from '../../../api/endpoints/users';
import { Card } from '../../../ui/Card';
import { BareSelect } from '../../../ui/Field';
import { QueryView } from '../../../ui/QueryView';
import { type Column, Table } from '../../../ui/Table';
import type { DesignArm } from './design';
import css from './design.module.css';
import { text } from './text';

const ARM_COLOURS = ['var(--accent)', 'var(--warn)', 'var(--ok)', '#c59bff', '#f58fb6', '#7fd8d8'];

/** The whole allocation before it is locked: what the lock will store, row by row. */
export function PreviewTable({ studyId, revision, arms }: { studyId: string; revision: number; arms: readonly DesignArm[] }) {
  const preview = usePreview(studyId, revision);
  return (
    <Card title={text.preview}>
      <QueryView query={preview} failed={text.previewFailed}>
        {(data) => (data.rows.length === 0 ? <p className={css.quiet}>{text.previewEmpty}</p> : <Allocation data={data} arms={arms} />)}
      </QueryView>
    </Card>
  );
}

function Allocation({ data, arms: named }: { data: Preview; arms: readonly DesignArm[] }) {
  const names = new Map((useReaders().data ?? []).map((reader) => [reader.id, reader.name]));
  const readers = [...new Set(data.rows.map((row) => row.reader))];
  const arms = [...new Set(data.rows.map((row) => row.arm))].sort();
  const titles = new Map(named.map((arm) => [arm.key, arm.title]));
  const titleOf = (arm: string) => titles.get(arm) ?? arm;
  const colour = (arm: string) => ARM_COLOURS[arms.indexOf(arm) % ARM_COLOURS.length];
  const pseudonyms = new Map(data.cases.map((one) => [one.number, one.pseudonym ?? '']));
  const [reader, setReader] = useState<number | null>(null);
  const shown = reader === null ? data.rows : data.rows.filter((row) => row.reader === reader);
  return (
    <>
      <ul className={css.legend}>
        {arms.map((arm) => (
          <li key={arm}>
            <i style={{ background: colour(arm) }} /> {titleOf(arm)}
          </li>
        ))}
      </ul>
      <div className={css.strips}>
        {readers.map((one) => (
          <div key={one} className={css.strip}>
            <span>{names.get(one) ?? one}</span>
            <div>
              {data.rows
                .filter((row) => row.reader === one)
                .map((row) => (
                  <i
                    key={`${row.period} ${row.position}`}
                    data-period-start={row.position === 1 && row.period > 1}
                    style={{ background: colour(row.arm), opacity: row.role === 'training' ? 0.5 : 1 }}
                    title={text.stripTitle(row, pseudonyms.get(row.case_number) ?? '', titleOf(row.arm))}
                  />
                ))}
            </div>
          </div>
        ))}
      </div>
      <div className={css.bar}>
        <BareSelect label={text.readers} value={reader ?? ''} onChange={(event) => setReader(event.target.value === '' ? null : Number(event.target.value))}>
          <option value="">{text.allReaders}</option>
          {readers.map((one) => (
            <option key={one} value={one}>
              {names.get(one) ?? one}
            </option>
          ))}
        </BareSelect>
        <span className={css.quiet}>{text.seedLine(data.seed)}</span>
      </div>
      <div className={css.scroll}>
        <Table label={text.preview} columns={columns(names, pseudonyms, titleOf)} rows={shown} rowKey={(row) => `${row.reader} ${row.period} ${row.position}`} />
      </div>
      <Balance data={data} names={names} titleOf={titleOf} />
    </>
  );
}

function columns(names: ReadonlyMap<number, string>, pseudonyms: ReadonlyMap<number, string>, titleOf: (arm: string) => string): Column<PreviewRow>[] {
  return [
    { key: 'reader', head: text.reader, cell: (row) => names.get(row.reader) ?? row.reader },
    { key: 'period', head: text.period, numeric: true, cell: (row) => row.period },
    { key: 'position', head: text.position, numeric: true, cell: (row) => row.position },
    { key: 'shown', head: text.shownAs, numeric: true, cell: (row) => row.shown_number },
    { key: 'case', head: text.patient, cell: (row) => `${row.case_number} · ${pseudonyms.get(row.case_number) ?? ''}` },
    { key: 'arm', head: text.arm, cell: (row) => titleOf(row.arm) },
    { key: 'stratum', head: text.stratum, cell: (row) => row.stratum },
    { key: 'marks', head: '', cell: (row) => text.rowMarks(row) },
  ];
}

function Balance({ data, names, titleOf }: { data: Preview; names: ReadonlyMap<number, string>; titleOf: (arm: string) => string }) {
  return (
    <details className={css.balance}>
      <summary>{text.balance}</summary>
      <Table
        label={text.balance}
        columns={[
          { key: 'reader', head: text.reader, cell: (row) => names.get(row.reader) ?? row.reader },
          { key: 'period', head: text.period, numeric: true, cell: (row) => row.period },
          { key: 'arm', head: text.arm, cell: (row) => titleOf(row.arm) },
          { key: 'stratum', head: text.stratum, cell: (row) => row.stratum },
          { key: 'cases', head: text.cases, numeric: true, cell: (row) => row.cases },
        ]}
        rows={data.balance}
        rowKey={(row) => `${row.reader} ${row.period} ${row.arm} ${row.stratum}`}
      />
    </details>
  );
}
