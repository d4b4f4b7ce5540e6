import type { ReadTimeline } from '../../../api/endpoints/readerStudyRun';
import { formatDuration } from '../../../ui/format';
import css from './run.module.css';
import { text } from './text';

const WIDTH = 1000;
const BAR = 34;
const EDITS = 18;

export const PART_COLOURS: Readonly<Record<keyof typeof text.parts, string>> = {
  active: 'var(--accent)',
  idle: '#4a5260',
  hidden: '#2b3039',
  loading: '#8a93a2',
  computing: '#c59bff',
  paused: '#6b5a2e',
};
const TOOL_COLOURS: Readonly<Record<string, string>> = { delete: 'var(--bad)', add_seed: 'var(--ok)', brush: 'var(--warn)', erase: 'var(--warn)' };

/** One read on a line: what counted and what did not with its reason, and every edit where it was made. */
export function Timeline({ timeline }: { timeline: ReadTimeline }) {
  const { segments, events, start_ms, end_ms } = timeline;
  const length = end_ms === null ? 0 : end_ms - start_ms;
  if (segments.length === 0 || length <= 0) return <p className={css.quiet}>{text.timelineEmpty}</p>;
  const x = (ms: number) => (ms / length) * WIDTH;
  const edits = events.filter((event) => event.kind === 'edit' && event.at_ms >= 0 && event.at_ms <= length);
  return (
    <figure className={css.timeline}>
      <svg viewBox={`0 0 ${WIDTH} ${BAR + EDITS + 22}`} role="img" aria-label={text.timeline} preserveAspectRatio="none">
        {segments.map((segment) => (
          <rect
            key={`${segment.from_ms} ${segment.part}`}
            data-part={segment.part}
            x={x(segment.from_ms)}
            width={Math.max(0.6, x(segment.to_ms) - x(segment.from_ms))}
            y={EDITS}
            height={BAR}
            fill={PART_COLOURS[segment.part]}
          >
            <title>{`${text.parts[segment.part]}, ${formatDuration((segment.to_ms - segment.from_ms) / 1000)}${segment.reason ? `: ${segment.reason}` : ''}`}</title>
          </rect>
        ))}
        {edits.map((event) => (
          <line key={`${event.at_ms} ${event.page_load}`} data-edit x1={x(event.at_ms)} x2={x(event.at_ms)} y1={2} y2={EDITS} strokeWidth={2.5} stroke={TOOL_COLOURS[toolOf(event.data)] ?? 'var(--text)'}>
            <title>{`${toolOf(event.data)}, ${formatDuration(event.at_ms / 1000)}`}</title>
          </line>
        ))}
        <text x={0} y={EDITS + BAR + 16}>
          0:00
        </text>
        <text x={WIDTH} y={EDITS + BAR + 16} textAnchor="end">
          {formatDuration(length / 1000)}
        </text>
      </svg>
      <ul className={css.legend}>
        {(Object.keys(text.parts) as (keyof typeof text.parts)[]).map((part) => (
          <li key={part}>
            <i style={{ background: PART_COLOURS[part] }} />
            {text.parts[part]} {formatDuration((timeline.parts[part] ?? 0) / 1000)}, {part === 'active' ? text.counted : text.excluded}
          </li>
        ))}
      </ul>
    </figure>
  );
}

function toolOf(data: Readonly<Record<string, unknown>>): string {
  return typeof data['tool'] === 'string' ? data['tool'] : 'edit';
}
