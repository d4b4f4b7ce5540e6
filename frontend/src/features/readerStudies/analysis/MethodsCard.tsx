import { Button } from '../../../ui/Button';
import { Card } from '../../../ui/Card';
import { useToast } from '../../../ui/Toast';
import css from './analysis.module.css';
import type { Report } from './report';
import { text } from './text';

/** The paragraph ready to paste, the settings behind it, and the sources of the methods. */
export function MethodsCard({ report }: { report: Report }) {
  const say = useToast();
  const copy = () => {
    // Without a secure address the browser has no clipboard at all.
    const written = (navigator.clipboard as Clipboard | undefined)?.writeText(report.methods) ?? Promise.reject(new Error('no clipboard'));
    written.then(
      () => say(text.copied),
      () => say(text.notCopied, 'bad'),
    );
  };
  return (
    <section id="methods" className={css.section}>
      <Card title={text.methods} actions={<Button onClick={copy}>{text.copy}</Button>}>
        <p className={css.methods}>{report.methods}</p>
        <details>
          <summary>{text.settings}</summary>
          <dl className={css.settings}>
            {report.settings.map(({ name, value, meaning }) => (
              <div key={name}>
                <dt>{name.replaceAll('_', ' ')}</dt>
                <dd>{value}</dd>
                <dd className={css.quiet}>{meaning}</dd>
              </div>
            ))}
          </dl>
        </details>
        <details>
          <summary>{text.references}</summary>
          <ul className={css.references}>
            {report.references.map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ul>
        </details>
      </Card>
    </section>
  );
}
