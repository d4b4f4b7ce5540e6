import { EXPORT_FORMATS, exportVersionUrl } from '../../api/endpoints/exports';
import type { SegmentationSummary, Summary } from '../../api/types';
import { Button, ButtonLink } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { Chip, type Tone } from '../../ui/Chip';
import { EmptyState } from '../../ui/EmptyState';
import { DASH, formatDate, formatDateTime, formatMl, formatNumber } from '../../ui/format';
import css from './studies.module.css';
import { text } from './text';

interface SegmentationsCardProps {
  segmentations: readonly SegmentationSummary[];
  overlay: string | null;
  onOverlay: (version: string | null) => void;
}

export function SegmentationsCard({ segmentations, overlay, onOverlay }: SegmentationsCardProps) {
  return (
    <Card title={text.segmentations}>
      {segmentations.length === 0 && <EmptyState title={text.noSegmentations}>{text.noSegmentationsHint}</EmptyState>}
      <ul className={css.segmentations}>
        {segmentations.map((segmentation) => (
          <Segmentation
            key={segmentation.id}
            segmentation={segmentation}
            shown={overlay === segmentation.head}
            onShow={(shown) => onOverlay(shown ? segmentation.head : null)}
          />
        ))}
      </ul>
    </Card>
  );
}

const TONES: Partial<Record<SegmentationSummary['producer']['kind'], Tone>> = { model: 'accent', reader: 'ok' };

interface SegmentationProps {
  segmentation: SegmentationSummary;
  shown: boolean;
  onShow: (shown: boolean) => void;
}

function Segmentation({ segmentation, shown, onShow }: SegmentationProps) {
  const { producer } = segmentation;
  return (
    <li data-shown={shown}>
      <div className={css.segmentationHead}>
        <h3>{segmentation.title}</h3>
        <Chip tone={TONES[producer.kind] ?? 'plain'}>{text.producers[producer.kind]}</Chip>
        {segmentation.automatic_unverified && <Chip tone="warn">{text.unverified}</Chip>}
        {segmentation.is_resampled && <Chip>{text.resampled}</Chip>}
        {segmentation.is_synthetic && <Chip tone="warn">{text.synthetic}</Chip>}
        <span className={css.grow} />
        <span className={css.quiet} title={formatDateTime(segmentation.created_at)}>
          {text.versions(segmentation.version_count)}, {formatDate(segmentation.created_at)}
        </span>
      </div>
      <div className={css.segmentationBody}>
        <Figures summary={segmentation.head_summary} />
        <div className={css.exports}>
          <Button aria-pressed={shown} aria-label={text.showOverlayOn(segmentation.title)} onClick={() => onShow(!shown)}>
            {text.showOverlay}
          </Button>
          {EXPORT_FORMATS.map((format) => (
            <ButtonLink key={format} href={exportVersionUrl(segmentation.head, format)} download aria-label={`${text.exportAs} ${segmentation.title}: ${format}`}>
              {format === 'nifti' ? 'NIfTI' : format.toUpperCase()}
            </ButtonLink>
          ))}
        </div>
      </div>
    </li>
  );
}

function Figures({ summary }: { summary: Summary | null }) {
  return (
    <div className={css.figures}>
      <div>
        <b>{formatMl(summary?.ttv_ml)}</b>
        <span>{text.ttv}</span>
      </div>
      <div>
        <b>{formatNumber(summary?.lowest_suv_mean, 1)}</b>
        <span>{text.lowestMean}</span>
      </div>
      <div>
        <b>{formatNumber(summary?.suv_max, 1)}</b>
        <span>{text.suvMax}</span>
      </div>
      <div>
        <b>{summary?.lesion_count ?? DASH}</b>
        <span>{text.lesions}</span>
      </div>
    </div>
  );
}
