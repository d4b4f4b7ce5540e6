import { useState } from 'react';

import { renderUrl, useVolume } from '../../api/endpoints/volumes';
import type { Study } from '../../api/types';
import { Card } from '../../ui/Card';
import { EmptyState } from '../../ui/EmptyState';
import { BareSelect } from '../../ui/Field';
import css from './studies.module.css';
import { text } from './text';

const STEP_DEG = 10;
const UPPER_BOUNDS = [3, 5, 7, 10, 15, 20, 30, 50] as const;

interface MipCardProps {
  study: Study;
  /** Version drawn over the picture. */
  overlay: string | null;
  onOverlay: (version: string | null) => void;
}

interface PictureCardProps extends MipCardProps {
  volume: string;
}

/** The map of the patient, drawn by the server: it turns, and shows one segmentation at a time. */
export function MipCard(props: MipCardProps) {
  if (props.study.pet_volume === null) {
    return (
      <Card title={text.picture}>
        <EmptyState title={text.noPet} />
      </Card>
    );
  }
  return <PictureCard {...props} volume={props.study.pet_volume} />;
}

function PictureCard({ study, volume, overlay, onOverlay }: PictureCardProps) {
  const revision = useVolume(volume).data?.suv?.id;
  const [angle, setAngle] = useState(0);
  const [upper, setUpper] = useState(/FDG/i.test(study.tracer) ? 5 : 15);
  const url = renderUrl(volume, {
    plane: 'mip',
    angle,
    lower: 0,
    upper,
    size: 1000,
    ...(overlay ? { version: overlay } : {}),
    ...(revision ? { suv_revision: revision } : {}),
  });
  return (
    <Card flush className={css.mip}>
      <Picture key={volume} url={url} onTurn={(steps) => setAngle((old) => (old + steps * STEP_DEG + 360) % 360)} />
      <div className={css.mipTools}>
        <label>
          <span>
            {text.turn} {angle}°
          </span>
          <input
            type="range"
            min={0}
            max={350}
            step={STEP_DEG}
            value={angle}
            onChange={(event) => setAngle(Number(event.target.value))}
          />
        </label>
        <BareSelect label={text.suvUpper} value={upper} onChange={(event) => setUpper(Number(event.target.value))}>
          {UPPER_BOUNDS.map((bound) => (
            <option key={bound} value={bound}>
              {text.suvUpper}
              {bound}
            </option>
          ))}
        </BareSelect>
        <BareSelect label={text.overlay} value={overlay ?? ''} onChange={(event) => onOverlay(event.target.value || null)}>
          <option value="">{text.overlayNone}</option>
          {study.segmentations.map((segmentation) => (
            <option key={segmentation.id} value={segmentation.head}>
              {segmentation.title}
            </option>
          ))}
        </BareSelect>
      </div>
    </Card>
  );
}

function Picture({ url, onTurn }: { url: string; onTurn: (steps: number) => void }) {
  const [failed, setFailed] = useState<string | null>(null);
  return (
    <div className={css.picture} onWheel={(event) => onTurn(event.deltaY > 0 ? 1 : -1)}>
      {failed === url && <p role="alert">{text.pictureFailed}</p>}
      <img src={url} alt={text.picture} hidden={failed === url} onError={() => setFailed(url)} />
    </div>
  );
}
