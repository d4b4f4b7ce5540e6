import type { MouseEvent } from 'react';

import { formatNumber } from '../../ui/format';
import { Kbd } from '../../ui/Kbd';
import { useStateOf } from './Panes';
import css from './ReadingRoom.module.css';
import type { ReadingSession } from './session';
import type { Tool } from './state';
import { useStore } from './store';
import { TEXT } from './text';

export function Toolbar({ session }: { session: ReadingSession }) {
  const tool = useStateOf(session, (s) => s.tool);
  const open = useStateOf(session, (s) => s.read.state === 'open');
  const canUndo = useStateOf(session, (s) => s.undoTool !== null);
  const canRedo = useStateOf(session, (s) => s.redoTool !== null);
  const ctAlone = useStateOf(session, (s) => s.ctAlone);
  const hasCt = useStateOf(session, (s) => s.ct !== null);
  const choose = (next: Tool) => () => {
    session.cancelPreview();
    session.state.set({ tool: next });
  };
  return (
    <footer className={css.foot} data-region role="toolbar" aria-label="Tools">
      <ToolButton name={TEXT.tools.window} keys="W" on={tool === 'window'} onClick={choose('window')} id="window" />
      <ToolButton name={TEXT.tools.cross} keys="X" on={tool === 'cross'} onClick={choose('cross')} id="cross" />
      <ToolButton name={TEXT.tools.add} keys="A" on={tool === 'add'} off={!open} onClick={choose('add')} id="add" />
      <ToolButton name={TEXT.tools.delete} keys="Del" off={!open} onClick={() => session.deleteHere()} id="delete" />
      <ToolButton name={TEXT.tools.brush} keys="B" on={tool === 'brush'} off={!open} onClick={choose('brush')} id="brush" />
      <ToolButton name={TEXT.tools.erase} keys="E" on={tool === 'erase'} off={!open} onClick={choose('erase')} id="erase" />
      {(tool === 'brush' || tool === 'erase') && <BrushSize session={session} />}
      <Readout session={session} />
      <span className={css.space} />
      <ToolButton name={TEXT.tools.ct} keys="C" on={ctAlone} off={!hasCt} onClick={() => session.state.set({ ctAlone: !ctAlone })} id="ct" />
      <ToolButton name={TEXT.tools.undo} keys="Ctrl Z" off={!open || !canUndo} onClick={() => session.undo()} id="undo" />
      <ToolButton name={TEXT.tools.redo} keys="Ctrl Y" off={!open || !canRedo} onClick={() => session.redo()} id="redo" />
      <ToolButton name={TEXT.tools.layout} keys="L" onClick={() => session.nextLayout()} id="layout" />
      <ToolButton name={TEXT.tools.keys} keys="?" onClick={() => session.state.set({ dialog: 'keys' })} id="keys" />
    </footer>
  );
}

/** A mouse click leaves the focus where it is, so that Space and Enter stay the room's own keys. */
export function keepFocus(event: MouseEvent): void {
  event.preventDefault();
}

interface ToolButtonProps {
  name: string;
  keys: string;
  id: string;
  on?: boolean;
  off?: boolean;
  onClick: () => void;
}

function ToolButton({ name, keys, id, on, off = false, onClick }: ToolButtonProps) {
  return (
    <button type="button" className={css.tool} aria-pressed={on} disabled={off} data-testid={`tool-${id}`} onMouseDown={keepFocus} onClick={onClick}>
      {name} <Kbd>{keys}</Kbd>
    </button>
  );
}

function BrushSize({ session }: { session: ReadingSession }) {
  const radius = useStateOf(session, (s) => s.brushRadiusMm);
  return (
    <span className={css.muted} data-testid="brush-size">
      {TEXT.tools.size(radius)} <Kbd>[</Kbd> <Kbd>]</Kbd>
    </span>
  );
}

/** SUV, HU, lesion and place under the pointer. */
function Readout({ session }: { session: ReadingSession }) {
  const hover = useStore(session.hover, (value) => value);
  const unit = useStateOf(session, (s) => (s.pet === null || s.pet.suv?.valid === true ? 'SUV' : s.pet.unit));
  const parts: string[] = [];
  if (hover.hu !== null) parts.push(`${formatNumber(hover.hu, 0)} HU`);
  if (hover.label !== 0) parts.push(`lesion ${hover.label}`);
  if (hover.mm !== null) parts.push(`${hover.mm.map((mm) => formatNumber(mm, 0)).join(' ')} mm`);
  return (
    <span className={css.readout} data-testid="readout" data-label={hover.label} data-suv={hover.suv ?? ''}>
      {hover.suv !== null && (
        <>
          {unit} <b>{formatNumber(hover.suv, 2)}</b>
          {parts.length > 0 ? ' · ' : ''}
        </>
      )}
      {parts.join(' · ')}
    </span>
  );
}
