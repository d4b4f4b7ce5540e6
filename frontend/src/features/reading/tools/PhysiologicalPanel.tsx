import { Kbd } from '../../../ui/Kbd';
import type { ReadingSession } from '../session';
import { useCodes } from './codes';
import { Choice, Row, useOption } from './controls';
import { USUAL_CLASSES } from './physiologicalTool';
import css from './tools.module.css';
import { TOOL_TEXT } from './text';

const TEXT = TOOL_TEXT.physiological;

/** What the uptake is, and where it ends. */
export function PhysiologicalPanel({ session }: { session: ReadingSession }) {
  const { tools } = session;
  const classes = (useCodes()?.classes ?? []).filter((one) => one.group !== 'lesion');
  const chosen = useOption(session, 'physiologicalClass');
  const boundary = useOption(session, 'boundary');
  const usual = classes.filter((one) => USUAL_CLASSES.includes(one.key));
  return (
    <>
      <Row>
        {usual.map((one) => (
          <Choice key={one.key} id={`class-${one.key}`} on={chosen === one.key} onClick={() => tools.set({ physiologicalClass: one.key })}>
            {one.label}
          </Choice>
        ))}
        <select
          className={css.select}
          aria-label={TEXT.search}
          data-testid="class-all"
          value={chosen}
          onChange={(event) => {
            tools.set({ physiologicalClass: event.target.value });
            event.target.blur();
          }}
        >
          {classes.map((one) => (
            <option key={one.key} value={one.key}>
              {one.label}
            </option>
          ))}
        </select>
        <Kbd>J</Kbd>
      </Row>
      <Row>
        {(['whole', 'watershed', 'drawn'] as const).map((one) => (
          <Choice key={one} id={`boundary-${one}`} on={boundary === one} onClick={() => tools.set({ boundary: one })}>
            {TEXT.boundaries[one]}
          </Choice>
        ))}
        <Kbd>D</Kbd>
      </Row>
      <p className={css.muted}>{TEXT.explained}</p>
    </>
  );
}
