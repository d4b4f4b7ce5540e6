import type { DeidentificationReport } from '../../api/types';
import { Card } from '../../ui/Card';
import { Chip } from '../../ui/Chip';
import { text } from './text';
import css from './upload.module.css';

type Part = keyof typeof text.deidentifiedParts;
const PARTS: readonly Part[] = ['removed', 'emptied', 'changed', 'cleaned'];

/** What was done to the objects before they were stored, attribute by attribute. */
export function DeidentificationCard({ report }: { report: DeidentificationReport }) {
  return (
    <Card title={text.deidentified} actions={<Chip tone="ok">{text.deidentifiedLine(report.objects)}</Chip>}>
      <p className={css.quiet}>{report.profile}</p>
      {PARTS.map((part) => (
        <Attributes key={part} name={text.deidentifiedParts[part]} counts={report[part]} />
      ))}
    </Card>
  );
}

function Attributes({ name, counts }: { name: string; counts: Readonly<Record<string, number>> }) {
  const entries = Object.entries(counts);
  if (entries.length === 0) return null;
  return (
    <details className={css.attributes}>
      <summary>
        {name}: {text.attributesTouched(entries.length)}
      </summary>
      <p>
        {entries.map(([attribute, count]) => (
          <code key={attribute} title={text.deidentifiedLine(count)}>
            {attribute}
          </code>
        ))}
      </p>
    </details>
  );
}
