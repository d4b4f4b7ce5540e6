import { useState } from 'react';

import { type Plan, usePlan } from '../../../api/endpoints/readerStudyPlan';
import type { ReaderStudy } from '../../../api/types';
import { Button } from '../../../ui/Button';
import { ErrorNote, Note } from '../../../ui/Note';
import { QueryView } from '../../../ui/QueryView';
import { AnalysisCard } from './AnalysisCard';
import { ArmsCard } from './ArmsCard';
import { AllocationCard } from './AllocationCard';
import { BasicsCard } from './BasicsCard';
import { CasesCard } from './CasesCard';
import { ClockCard } from './ClockCard';
import css from './design.module.css';
import { DesignSide } from './DesignSide';
import { LockedPlan } from './LockedPlan';
import { MaskCard } from './MaskCard';
import { PreviewTable } from './PreviewTable';
import { ReadersCard } from '../ReadersCard';
import { SecondReadCard } from './SecondReadCard';
import { text } from './text';
import { useDesign } from './useDesign';

/** The plan: an editor while it is a draft, a record once it is locked. */
export function DesignTab({ study }: { study: ReaderStudy }) {
  const plan = usePlan(study.id);
  const [load, setLoad] = useState(0);
  const reload = () => void plan.refetch().then(() => setLoad((number) => number + 1));
  return (
    <QueryView query={plan} failed={text.failed} rows={12}>
      {(data) => (data.locked_at === null ? <Editor key={load} study={study} loaded={data} onReload={reload} /> : <LockedPlan study={study} plan={data} />)}
    </QueryView>
  );
}

function Editor({ study, loaded, onReload }: { study: ReaderStudy; loaded: Plan; onReload: () => void }) {
  const editor = useDesign(study.id, loaded);
  const { design, change } = editor;
  return (
    <>
      {editor.isStale && (
        <Note tone="warn" title={text.staleTitle} actions={<Button onClick={onReload}>{text.reload}</Button>}>
          {text.stale}
        </Note>
      )}
      {editor.saving.kind === 'failed' && !editor.isStale && <ErrorNote title={text.notSaved} error={editor.saving.error} onRetry={editor.retry} />}
      <div className={css.editor}>
        <div className={css.stack}>
          <BasicsCard editor={editor} />
          <CasesCard project={study.project.id} studyId={study.id} design={design} onChange={change} />
          <ReadersCard chosen={design.readers} onChange={(readers) => change({ readers })} />
          <ArmsCard design={design} onChange={change} />
          <AllocationCard design={design} onChange={change} />
          <MaskCard design={design} onChange={change} />
          <ClockCard design={design} onChange={change} />
          <SecondReadCard design={design} onChange={change} />
          <AnalysisCard design={design} onChange={change} />
          <PreviewTable studyId={study.id} revision={editor.plan.revision} arms={design.arms} />
        </div>
        <DesignSide study={study} editor={editor} />
      </div>
    </>
  );
}
