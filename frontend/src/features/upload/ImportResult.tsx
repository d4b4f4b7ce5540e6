import { Link } from 'react-router';

import type { ImportedSeries, ImportRefusal, ImportRun } from '../../api/types';
import { Button, buttonClass } from '../../ui/Button';
import { Card, Stat } from '../../ui/Card';
import { Chip } from '../../ui/Chip';
import { formatMl, formatNumber } from '../../ui/format';
import { ErrorNote, Note } from '../../ui/Note';
import { type Column, Table } from '../../ui/Table';
import { DeidentificationCard } from './DeidentificationCard';
import { text } from './text';
import css from './upload.module.css';

/** More rows than this say nothing more; the count above them is complete. */
const ROWS = 200;

export function ImportResult({ run, onMore }: { run: ImportRun; onMore: () => void }) {
  const { studies, refusals, deidentification } = run.report;
  const series = studies.flatMap((study) => study.series.map((one) => ({ ...one, study: study.study_instance_uid })));
  const segmentations = studies.flatMap((study) => study.segmentations);
  return (
    <div className={css.panel}>
      {run.state === 'failed' && <ErrorNote title={text.runFailed} error={new Error(run.error?.message ?? '')} />}
      {run.state === 'cancelled' && <Note tone="warn">{text.cancelled}</Note>}
      <div className={css.stats}>
        <Stat value={studies.length} label={text.studies} />
        <Stat value={series.length} label={text.series} />
        <Stat value={segmentations.length} label={text.segmentations} />
        <Stat value={refusals.length} label={text.refused} />
      </div>
      {series.length > 0 && (
        <Card title={text.seriesTitle} flush>
          <Table label={text.seriesTitle} columns={SERIES} rows={series.slice(0, ROWS)} rowKey={(one) => one.series_instance_uid} />
        </Card>
      )}
      {segmentations.length > 0 && (
        <Card title={text.segmentationsTitle} flush>
          <Table label={text.segmentationsTitle} columns={SEGMENTATIONS} rows={segmentations.slice(0, ROWS)} rowKey={(one) => one.label} />
        </Card>
      )}
      <Refusals refusals={refusals} />
      {deidentification && deidentification.objects > 0 && <DeidentificationCard report={deidentification} />}
      <div className={css.next}>
        <Button onClick={onMore}>{text.another}</Button>
        <Link className={buttonClass('primary')} to="/studies">
          {text.openStudies}
        </Link>
      </div>
    </div>
  );
}

export function Refusals({ refusals }: { refusals: readonly ImportRefusal[] }) {
  if (refusals.length === 0) return <Note tone="ok">{text.resultClean}</Note>;
  return (
    <Card title={text.refusalsTitle} flush>
      <Table
        label={text.refusalsTitle}
        columns={REFUSALS}
        rows={refusals.slice(0, ROWS)}
        rowKey={(one) => `${one.file} ${one.code} ${one.message}`}
      />
      {refusals.length > ROWS && <p className={css.more}>{text.andMore(refusals.length - ROWS)}</p>}
    </Card>
  );
}

type SeriesRow = ImportedSeries & { study: string };
type SegmentationRow = ImportRun['report']['studies'][number]['segmentations'][number];

const { columns } = text;

const SERIES: readonly Column<SeriesRow>[] = [
  { key: 'modality', head: columns.modality, cell: (one) => <Chip>{one.modality}</Chip> },
  { key: 'size', head: columns.size, cell: (one) => [...one.shape_zyx].reverse().join(' × '), numeric: true },
  { key: 'spacing', head: columns.spacing, cell: (one) => one.spacing_xyz_mm.map((mm) => mm.toFixed(2)).join(' × '), numeric: true },
  { key: 'unit', head: columns.unit, cell: (one) => one.unit },
  { key: 'factor', head: columns.factor, cell: (one) => (one.suv_factor === null ? '–' : one.suv_factor.toPrecision(8)), numeric: true },
  { key: 'max', head: columns.max, cell: (one) => formatNumber(one.suv_max, 2), numeric: true },
  { key: 'study', head: columns.study, cell: (one) => <code title={one.study}>…{one.study.slice(-16)}</code> },
];

const SEGMENTATIONS: readonly Column<SegmentationRow>[] = [
  { key: 'label', head: columns.label, cell: (one) => one.label },
  { key: 'lesions', head: columns.lesions, cell: (one) => one.lesions.length, numeric: true },
  { key: 'volume', head: columns.volume, cell: (one) => formatMl(one.lesions.reduce((sum, lesion) => sum + lesion.volume_ml, 0)), numeric: true },
];

const REFUSALS: readonly Column<ImportRefusal>[] = [
  { key: 'file', head: columns.file, cell: (one) => <code>{one.file}</code>, wrap: true },
  { key: 'code', head: columns.code, cell: (one) => <Chip tone="bad">{one.code}</Chip> },
  { key: 'reason', head: columns.reason, cell: (one) => one.message, wrap: true },
];
