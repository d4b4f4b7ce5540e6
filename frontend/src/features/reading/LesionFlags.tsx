import type { LesionFlag, LesionFlagKind } from '../../api/types';
import { cssColour } from '../../viewer/colours';
import { useStateOf } from './Panes';
import css from './ReadingRoom.module.css';
import type { ReadingSession } from './session';
import { TEXT } from './text';

export type Flags = ReadonlyMap<number, Required<LesionFlag>>;
const KINDS = Object.keys(TEXT.flags) as LesionFlagKind[];

/** The reader's own remarks, a lesion a line. Nothing is filled in beforehand: that would tell the counts. */
export function LesionFlags({ session, flags, onChange }: { session: ReadingSession; flags: Flags; onChange: (flags: Flags) => void }) {
  const rows = useStateOf(session, (s) => s.rows);
  if (rows.length === 0) return null;
  const set = (label: number, flag: LesionFlagKind | null, remark: string): void => {
    const next = new Map(flags);
    if (flag === null) next.delete(label);
    else next.set(label, { label, flag, remark });
    onChange(next);
  };
  return (
    <details className={css.flags} data-testid="lesion-flags">
      <summary>
        {TEXT.lesionFlags} {flags.size > 0 && `(${flags.size})`} <small>{TEXT.lesionFlagsHint}</small>
      </summary>
      {rows.map(({ label, status }) => {
        const given = flags.get(label);
        return (
          <div key={label} className={css.flagRow}>
            <span>
              <i className={css.swatch} style={{ background: cssColour(label) }} aria-hidden="true" />
              {label} <small>{TEXT.status[status]}</small>
            </span>
            <select
              aria-label={TEXT.flagOf(label)}
              data-testid={`flag-${label}`}
              value={given?.flag ?? ''}
              onChange={(event) => set(label, KINDS.find((kind) => kind === event.target.value) ?? null, given?.remark ?? '')}
            >
              <option value="">{TEXT.noFlag}</option>
              {KINDS.map((kind) => (
                <option key={kind} value={kind}>
                  {TEXT.flags[kind]}
                </option>
              ))}
            </select>
            {given && <input aria-label={TEXT.remarkOf(label)} maxLength={400} value={given.remark} onChange={(event) => set(label, given.flag, event.target.value)} />}
          </div>
        );
      })}
    </details>
  );
}
