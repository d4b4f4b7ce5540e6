import { Stat } from '../../../ui/Card';
import { Note } from '../../../ui/Note';
import css from './analysis.module.css';
import { FigureCard } from './FigureCard';
import { MethodsCard } from './MethodsCard';
import type { Report, ReportSection } from './report';
import { TableCard } from './TableCard';
import { text } from './text';

/** A whole report. Time by arm never stands without quality by arm: the server puts them into neighbouring sections. */
export function ReportView({ report }: { report: Report }) {
  return (
    <>
      {report.warnings.map((warning) => (
        <Note key={warning} tone="warn">
          <p>{warning}</p>
        </Note>
      ))}
      <div className={css.headlines}>
        {report.headlines.map(({ value, unit, label }) => (
          <Stat key={label} value={value} {...(unit === '' ? {} : { unit })} label={label} />
        ))}
      </div>
      <nav className={css.parts} aria-label={text.parts}>
        {report.sections.map(({ key, title }) => (
          <a key={key} href={`#analysis-${key}`}>
            {title}
          </a>
        ))}
        <a href="#methods">{text.methods}</a>
      </nav>
      {report.sections.map((section) => (
        <Section key={section.key} section={section} />
      ))}
      <MethodsCard report={report} />
    </>
  );
}

function Section({ section }: { section: ReportSection }) {
  return (
    <section id={`analysis-${section.key}`} className={css.section}>
      <h2>{section.title}</h2>
      {section.intro !== '' && <p className={css.intro}>{section.intro}</p>}
      {section.figures.length > 0 && (
        <div className={css.figures}>
          {section.figures.map((figure) => (
            <FigureCard key={figure.key} figure={figure} />
          ))}
        </div>
      )}
      {section.tables.map((table) => (
        <TableCard key={table.key} table={table} />
      ))}
    </section>
  );
}
