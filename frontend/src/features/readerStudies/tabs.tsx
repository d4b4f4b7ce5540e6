/** One page a tab: each takes the study from the page around it. */

import { useState } from 'react';

import { Card } from '../../ui/Card';
import { SearchField } from '../../ui/Field';
import { useDebounced } from '../../ui/useDebounced';
import { AnalysisPanel } from './analysis/AnalysisPanel';
import { DesignTab } from './design/DesignTab';
import { ExportPanel } from './exports/ExportPanel';
import { useStudyOfPage } from './ReaderStudyPage';
import { ResultsPanel } from './ResultsPanel';
import { AuditTable } from './run/AuditTable';
import { ProgressTab } from './run/ProgressTab';
import run from './run/run.module.css';
import { text } from './run/text';

export function DesignPage() {
  const study = useStudyOfPage();
  // A lock or an amendment changes what stands here altogether.
  return <DesignTab key={`${study.plan.number} ${study.state}`} study={study} />;
}

export function ProgressPage() {
  return <ProgressTab study={useStudyOfPage()} />;
}

export function ResultsPage() {
  return <ResultsPanel study={useStudyOfPage()} />;
}

export function AnalysisPage() {
  return <AnalysisPanel readerStudyId={useStudyOfPage().id} />;
}

export function ExportsPage() {
  const study = useStudyOfPage();
  return <ExportPanel readerStudyId={study.id} masked={!study.results_open} />;
}

export function AuditPage() {
  const study = useStudyOfPage();
  const [word, setWord] = useState('');
  const action = useDebounced(word.trim().replaceAll(' ', '_'), 300);
  return (
    <Card
      title={text.audit}
      flush
      actions={
        <div className={run.search}>
          <SearchField label={text.filterAction} value={word} onChange={(event) => setWord(event.target.value)} />
        </div>
      }
    >
      <AuditTable of={{ readerStudy: study.id }} action={action} />
    </Card>
  );
}
