import { Card, Facts } from '../../ui/Card';
import { inputRows } from './suvInputs';
import css from './studies.module.css';
import { text } from './text';

export function AttributesCard({ attributes }: { attributes: Readonly<Record<string, unknown>> }) {
  const rows = inputRows(attributes);
  return (
    <Card title={text.attributes}>
      {rows.length > 0 ? <Facts items={rows} /> : <p className={css.quiet}>{text.noAttributes}</p>}
    </Card>
  );
}
