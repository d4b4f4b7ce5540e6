import type { ReactNode } from 'react';

import { Kbd } from '../../../ui/Kbd';
import { hasValidSuv } from '../images';
import { useStateOf } from '../Panes';
import type { ReadingSession } from '../session';
import { AddPanel } from './AddPanel';
import { BrushPanel, CutPanel, MergePanel, ReshapePanel, SpherePanel, SplitPanel } from './panels';
import { DescribePanel } from './DescribePanel';
import { PhysiologicalPanel } from './PhysiologicalPanel';
import { VoiPanel } from './VoiPanel';
import css from './tools.module.css';
import { KEY_OF } from './tables';
import { TOOL_TEXT } from './text';
import type { ToolName } from './tool';

/** The settings of the active tool. While the reader only looks, those of "Add" stand ready. */
export function ToolPanel({ session }: { session: ReadingSession }) {
  const tool = useStateOf(session, (s) => s.tool);
  const final = useStateOf(session, (s) => s.read.state !== 'open');
  const off = useStateOf(session, (s) => s.pet !== null && !hasValidSuv(s.pet));
  if (final) return null;
  const shown: ToolName = tool === 'window' || tool === 'cross' ? 'add' : tool;
  return (
    <div className={css.panel} data-testid="tool-panel" data-tool={shown}>
      <h2>
        {TOOL_TEXT.titles[shown]} <Kbd>{KEY_OF[shown]}</Kbd>
      </h2>
      {off && NEEDS_SUV.has(shown) ? <div className={css.warning}>{TOOL_TEXT.thresholdsOff}</div> : panelOf(shown, session)}
    </div>
  );
}

const NEEDS_SUV: ReadonlySet<ToolName> = new Set<ToolName>(['add', 'voi']);

function panelOf(tool: ToolName, session: ReadingSession): ReactNode {
  switch (tool) {
    case 'brush':
    case 'erase':
      return <BrushPanel session={session} erases={tool === 'erase'} />;
    case 'sphere':
      return <SpherePanel session={session} />;
    case 'voi':
      return <VoiPanel session={session} />;
    case 'split':
      return <SplitPanel session={session} />;
    case 'cut':
      return <CutPanel session={session} />;
    case 'merge':
      return <MergePanel />;
    case 'physiological':
      return <PhysiologicalPanel session={session} />;
    case 'reshape':
      return <ReshapePanel session={session} />;
    case 'describe':
      return <DescribePanel session={session} />;
    default:
      return <AddPanel session={session} />;
  }
}
