/** Panels of the tools that need a line or two. */

import { formatNumber } from '../../../ui/format';
import { Kbd } from '../../../ui/Kbd';
import { useStateOf } from '../Panes';
import type { ReadingSession } from '../session';
import { marginRange, reshapes } from './allowed';
import { FARTHEST_MM } from './reshapeTool';
import { Choice, NumberBox, Row, useOption } from './controls';
import { BRUSH_MM, SPHERE_MM } from './options';
import css from './tools.module.css';
import { TOOL_TEXT } from './text';

interface PanelProps {
  session: ReadingSession;
}

export function BrushPanel({ session, erases }: PanelProps & { erases: boolean }) {
  const { tools } = session;
  const radius = useOption(session, 'brushRadiusMm');
  const ball = useOption(session, 'brush3d');
  const gate = useOption(session, 'gate');
  const gateSuv = useOption(session, 'gateSuv');
  const gatePercent = useOption(session, 'gatePercent');
  const text = TOOL_TEXT.brush;
  return (
    <>
      <Row name={text.sizeName}>
        <NumberBox
          id="brush-diameter"
          label={text.sizeName}
          value={radius * 2}
          min={BRUSH_MM.smallest * 2}
          max={BRUSH_MM.largest * 2}
          step={1}
          onValue={(mm) => tools.set({ brushRadiusMm: mm / 2 })}
        />
        <span className={css.muted} data-testid="brush-size">
          mm
        </span>
        <Kbd>[ ]</Kbd>
        <span className={css.right}>
          <Choice id="brush-2d" on={!ball} onClick={() => tools.set({ brush3d: false })}>
            {text.flat}
          </Choice>
          <Choice id="brush-3d" on={ball} onClick={() => tools.set({ brush3d: true })}>
            {text.ball}
          </Choice>
          <Kbd>D</Kbd>
        </span>
      </Row>
      <Row name={erases ? text.gateErase : text.gate}>
        {(['off', 'fixed', 'percent'] as const).map((one) => (
          <Choice key={one} id={`gate-${one}`} on={gate === one} title={text.gateNote[erases ? 'erase' : 'brush']} onClick={() => tools.set({ gate: one })}>
            {text.gates[one]}
          </Choice>
        ))}
        {gate === 'fixed' && <NumberBox id="gate-suv" label={text.gates.fixed} value={gateSuv} min={0} max={200} step={0.1} onValue={(value) => tools.set({ gateSuv: value })} />}
        {gate === 'percent' && <NumberBox id="gate-value" label={text.gates.percent} value={gatePercent} min={1} max={99} step={1} onValue={(value) => tools.set({ gatePercent: value })} />}
        <Kbd>J</Kbd>
      </Row>
    </>
  );
}

export function SpherePanel({ session }: PanelProps) {
  const { tools } = session;
  const radius = useOption(session, 'sphereRadiusMm');
  const alone = useOption(session, 'sphereNew');
  const text = TOOL_TEXT.sphere;
  return (
    <>
      <Row name={TOOL_TEXT.stepRadius}>
        <NumberBox
          id="sphere-radius"
          label={TOOL_TEXT.stepRadius}
          value={radius}
          min={SPHERE_MM.smallest}
          max={SPHERE_MM.largest}
          step={1}
          onValue={(value) => tools.set({ sphereRadiusMm: value })}
        />
        <span className={css.muted}>mm</span>
        <span className={css.right}>
          <Choice id="sphere-joins" on={!alone} onClick={() => tools.set({ sphereNew: false })}>
            {text.joins}
          </Choice>
          <Choice id="sphere-new" on={alone} onClick={() => tools.set({ sphereNew: true })}>
            {text.alone}
          </Choice>
          <Kbd>D</Kbd>
        </span>
      </Row>
      <p className={css.muted}>{text.explained}</p>
    </>
  );
}

export function SplitPanel({ session }: PanelProps) {
  const percent = useOption(session, 'splitPercent');
  return (
    <>
      <Row name={TOOL_TEXT.split.valley}>
        <NumberBox id="split-percent" label={TOOL_TEXT.stepPercent} value={percent} min={2} max={90} step={2} onValue={(value) => session.tools.set({ splitPercent: value })} />
        <span className={css.muted}>%</span>
      </Row>
      <p className={css.muted}>{TOOL_TEXT.split.explained}</p>
    </>
  );
}

export function CutPanel({ session }: PanelProps) {
  const depth = useOption(session, 'cutDepthMm');
  const text = TOOL_TEXT.cut;
  return (
    <>
      <Row name={text.depthName}>
        <Choice id="cut-all" on={depth === null} onClick={() => session.tools.set({ cutDepthMm: null })}>
          {text.all}
        </Choice>
        <Choice id="cut-depth" on={depth !== null} onClick={() => session.tools.set({ cutDepthMm: depth ?? 10 })}>
          {depth === null ? '… mm' : `${formatNumber(depth, 0)} mm`}
        </Choice>
      </Row>
      <p className={css.muted}>{text.explained}</p>
    </>
  );
}

export function MergePanel() {
  return (
    <p className={css.muted}>
      {TOOL_TEXT.merge.hint} {TOOL_TEXT.merge.explained}
    </p>
  );
}

export function ReshapePanel({ session }: PanelProps) {
  const { tools } = session;
  const way = useOption(session, 'reshape');
  const margin = useOption(session, 'marginMm');
  const smooth = useOption(session, 'smoothMm');
  const allowed = useStateOf(session, (s) => s.read.tools);
  const [least, greatest] = marginRange(allowed, FARTHEST_MM);
  const text = TOOL_TEXT.reshape;
  return (
    <>
      <Row>
        {reshapes(allowed).map((one) => (
          <Choice key={one} id={`reshape-${one}`} on={way === one} onClick={() => tools.set({ reshape: one })}>
            {text.ways[one]}
          </Choice>
        ))}
        <Kbd>D</Kbd>
      </Row>
      {way !== 'fill' && (
        <Row>
          {way === 'margin' ? (
            <NumberBox id="reshape-mm" label="mm" value={margin} min={least} max={greatest} step={1} onValue={(value) => tools.set({ marginMm: value })} />
          ) : (
            <NumberBox id="reshape-mm" label="mm" value={smooth} min={1} max={30} step={1} onValue={(value) => tools.set({ smoothMm: value })} />
          )}
          <span className={css.muted}>mm · {text.explained}</span>
        </Row>
      )}
    </>
  );
}
