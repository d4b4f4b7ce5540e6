import { useReaders } from '../../api/endpoints/users';
import { Card } from '../../ui/Card';
import { Check } from '../../ui/Field';
import { QueryView } from '../../ui/QueryView';
import { toggled } from './routineReview';
import css from './readerStudies.module.css';
import { text } from './text';

interface ReadersCardProps {
  chosen: readonly number[];
  onChange: (chosen: number[]) => void;
}

export function ReadersCard({ chosen, onChange }: ReadersCardProps) {
  const readers = useReaders();
  return (
    <Card title={text.readers}>
      <QueryView query={readers} failed={text.readersFailed} rows={2}>
        {(list) => (
          <div className={css.checks}>
            {list.length === 0 && <p className={css.quiet}>{text.noReaders}</p>}
            {list.map((reader) => (
              <Check key={reader.id} checked={chosen.includes(reader.id)} onChange={() => onChange(toggled(chosen, reader.id))}>
                {reader.name} {reader.name !== reader.username && <span className={css.quiet}>{reader.username}</span>}
              </Check>
            ))}
          </div>
        )}
      </QueryView>
    </Card>
  );
}
