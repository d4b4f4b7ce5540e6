import { formatNumber } from '../../ui/format';
import { Kbd } from '../../ui/Kbd';
import { keepFocus } from './keepFocus';
import { useStateOf } from './Panes';
import type { ReadingSession } from './session';
import { useStore } from './store';
import css from './tools/tools.module.css';
import { isOffered } from './tools/allowed';
import { FIRST_TOOLS, KEY_OF, MORE_TOOLS } from './tools/tables';
import { TOOL_TEXT } from './tools/text';
import type { ToolName } from './tools/tool';

/** One line of tools: what is used in every case, the others behind "More". */
export function Toolbar({ session }: { session: ReadingSession }) {
  const open = useStateOf(session, (s) => s.read.state === 'open');
  const canUndo = useStateOf(session, (s) => s.undoTool !== null || s.preview !== null);
  const canRedo = useStateOf(session, (s) => s.redoTool !== null);
  const ctAlone = useStateOf(session, (s) => s.ctAlone);
  const hasCt = useStateOf(session, (s) => s.ct !== null);
  const allowed = useStateOf(session, (s) => s.read.tools);
  return (
    <footer className={css.bar} data-region role="toolbar" aria-label={TOOL_TEXT.toolbar}>
      <Choose session={session} name="window" off={false} />
      <Choose session={session} name="cross" off={false} />
      <Choose session={session} name="add" off={!open} />
      {allowed.includes('delete') && (
        <ToolButton name={TOOL_TEXT.delete} title={TOOL_TEXT.deleteTitle} keys="Del" off={!open} onClick={() => session.lesions.deleteHere()} id="delete" />
      )}
      {FIRST_TOOLS.map((name) => (
        <Choose key={name} session={session} name={name} off={!open} />
      ))}
      <More session={session} off={!open} />
      <Readout session={session} />
      <ToolButton name={TOOL_TEXT.ct} keys="C" on={ctAlone} off={!hasCt} onClick={() => session.state.set({ ctAlone: !ctAlone })} id="ct" />
      <ToolButton name="↶" title={TOOL_TEXT.undo} keys="Ctrl Z" off={!open || !canUndo} onClick={() => session.lesions.undo()} id="undo" />
      <ToolButton name="↷" title={TOOL_TEXT.redo} keys="Ctrl Y" off={!open || !canRedo} onClick={() => session.lesions.redo()} id="redo" />
      <ToolButton name={TOOL_TEXT.layout} keys="L" onClick={() => session.nextLayout()} id="layout" />
      <ToolButton name="" title={TOOL_TEXT.keys} keys="?" onClick={() => session.state.set({ dialog: 'keys' })} id="keys" />
    </footer>
  );
}

function Choose({ session, name, off }: { session: ReadingSession; name: ToolName; off: boolean }) {
  const on = useStateOf(session, (s) => s.tool === name);
  const allowed = useStateOf(session, (s) => s.read.tools);
  // By the button nothing lies under the pointer: the tool waits for a click, or takes the selected lesion.
  const choose = (): void => {
    session.state.set({ moreTools: false });
    session.tools.choose(name, null);
  };
  if (!isOffered(name, allowed)) return null;
  return <ToolButton name={TOOL_TEXT.names[name]} title={TOOL_TEXT.titles[name]} keys={KEY_OF[name]} on={on} off={off} onClick={choose} id={name} />;
}

/** The tool that is active stays in the bar, in the place of the menu's name. */
function More({ session, off }: { session: ReadingSession; off: boolean }) {
  const open = useStateOf(session, (s) => s.moreTools);
  const tool = useStateOf(session, (s) => s.tool);
  const active = MORE_TOOLS.includes(tool);
  return (
    <span className={css.moreHolder}>
      <ToolButton
        name={active ? `${TOOL_TEXT.names[tool]} ▴` : `${TOOL_TEXT.more} ▴`}
        keys="Q"
        on={active}
        off={off}
        expanded={open}
        onClick={() => session.state.set({ moreTools: !open })}
        id="more"
      />
      {open && (
        <div className={css.more} data-testid="more-tools">
          {MORE_TOOLS.map((name) => (
            <Choose key={name} session={session} name={name} off={off} />
          ))}
        </div>
      )}
    </span>
  );
}

interface ToolButtonProps {
  name: string;
  keys: string;
  id: string;
  title?: string;
  on?: boolean;
  off?: boolean;
  expanded?: boolean;
  onClick: () => void;
}

function ToolButton({ name, keys, id, title, on, off = false, expanded, onClick }: ToolButtonProps) {
  return (
    <button
      type="button"
      className={css.tool}
      aria-pressed={on}
      aria-expanded={expanded}
      disabled={off}
      title={title}
      aria-label={title}
      data-testid={`tool-${id}`}
      onMouseDown={keepFocus}
      onClick={onClick}
    >
      {name !== '' && name} <Kbd>{keys}</Kbd>
    </button>
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
