import type { SeriesDetail } from '../../api/types';
import { Card } from '../../ui/Card';
import { Chip } from '../../ui/Chip';
import css from './studies.module.css';
import { text } from './text';

export function SeriesCard({ series }: { series: readonly SeriesDetail[] }) {
  return (
    <Card title={text.series}>
      <ul className={css.series}>
        {series.map((one) => (
          <li key={one.id}>
            <Chip>{one.modality}</Chip>
            <div>
              <b>{one.description || one.modality}</b>
              {one.volumes.map((volume) => (
                <p key={volume.id} className={css.quiet}>
                  {text.voxels(volume.grid.shape_zyx)}, {text.spacing(volume.grid.spacing_xyz_mm)}, {volume.unit}
                </p>
              ))}
            </div>
          </li>
        ))}
      </ul>
    </Card>
  );
}
