import { useImports } from '../../api/endpoints/imports';
import type { ImportRun } from '../../api/types';
import { Card } from '../../ui/Card';
import { Chip, type Tone } from '../../ui/Chip';
import { formatDateTime } from '../../ui/format';
import { QueryView } from '../../ui/QueryView';
import { text } from './text';
import css from './upload.module.css';

const TONES: Record<ImportRun['state'], Tone> = {
  receiving: 'plain',
  queued: 'plain',
  running: 'accent',
  done: 'ok',
  failed: 'bad',
  cancelled: 'plain',
};

interface EarlierImportsProps {
  project: string;
  shown: string | null;
  onShow: (run: string) => void;
}

export function EarlierImports({ project, shown, onShow }: EarlierImportsProps) {
  const runs = useImports(project);
  return (
    <Card title={text.earlier}>
      <QueryView query={runs} failed={text.earlierFailed} rows={3}>
        {(list) =>
          list.length === 0 ? (
            <p className={css.quiet}>{text.noEarlier}</p>
          ) : (
            <ul className={css.earlier}>
              {list.map((run) => (
                <li key={run.id}>
                  <button type="button" aria-current={run.id === shown} onClick={() => onShow(run.id)}>
                    <span>{formatDateTime(run.created_at)}</span>
                    <Chip tone={TONES[run.state]}>{text.processing[run.state].toLowerCase()}</Chip>
                    <small>{text.earlierLine(run.report.studies.length, run.report.refusals.length)}</small>
                  </button>
                </li>
              ))}
            </ul>
          )
        }
      </QueryView>
    </Card>
  );
}
