/** One component a tab: each takes the study from the page around it. */

import { DesignTab } from './design/DesignTab';
import { useStudyOfPage } from './ReaderStudyPage';
import { ResultsPanel } from './ResultsPanel';
import { ProgressTab } from './run/ProgressTab';

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
