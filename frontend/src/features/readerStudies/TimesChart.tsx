import type { ReaderStudyRead } from '../../api/types';
import { formatMinutes } from '../../ui/format';
import css from './readerStudies.module.css';
import { activeSeconds, axisSteps, isSubmitted, median } from './results';
import { text } from './text';

const WIDTH = 380;
const HEIGHT = 250;
const LEFT = 44;
const BOTTOM = 34;
const TOP = 10;

interface TimesChartProps {
  reads: readonly ReaderStudyRead[];
  threshold: number;
}

/** One dot a submitted read, by reader; the line is the reader's median. */
export function TimesChart({ reads, threshold }: TimesChartProps) {
  const timed = reads.filter((read) => isSubmitted(read) && read.active_s !== null);
  if (timed.length === 0) return <p className={css.quiet}>{text.noTimes}</p>;
  const readers = [...new Map(timed.map(({ reader }) => [reader.id, reader])).values()];
  const steps = axisSteps(Math.max(...activeSeconds(timed)) / 60);
  const top = steps[steps.length - 1] ?? 1;
  const y = (minutes: number) => HEIGHT - BOTTOM - (minutes / top) * (HEIGHT - BOTTOM - TOP);
  const band = (WIDTH - LEFT) / readers.length;
  return (
    <figure className={css.figure}>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={text.times}>
        <Axis steps={steps} y={y} />
        {readers.map((reader, index) => (
          <ReaderBand key={reader.id} reads={timed.filter((read) => read.reader.id === reader.id)} name={reader.name} x={LEFT + band * (index + 0.5)} width={band} y={y} />
        ))}
      </svg>
      <figcaption>{text.timesNote(threshold, timed.length)}</figcaption>
    </figure>
  );
}

function Axis({ steps, y }: { steps: readonly number[]; y: (minutes: number) => number }) {
  return (
    <>
      {steps.map((step) => (
        <g key={step}>
          <line x1={LEFT} x2={WIDTH} y1={y(step)} y2={y(step)} stroke="var(--line)" />
          <text x={LEFT - 8} y={y(step) + 4} textAnchor="end">
            {step}
          </text>
        </g>
      ))}
      <text x={12} y={(HEIGHT - BOTTOM) / 2} textAnchor="middle" transform={`rotate(-90 12 ${(HEIGHT - BOTTOM) / 2})`}>
        {text.activeMinutes}
      </text>
    </>
  );
}

interface BandProps {
  reads: readonly ReaderStudyRead[];
  name: string;
  x: number;
  width: number;
  y: (minutes: number) => number;
}

function ReaderBand({ reads, name, x, width, y }: BandProps) {
  const middle = median(activeSeconds(reads)) ?? 0;
  const half = Math.min(44, width * 0.35);
  // Dots stand side by side in case order, so that equal times do not hide each other.
  const place = (index: number) => x + (reads.length > 1 ? (index / (reads.length - 1) - 0.5) * half * 1.6 : 0);
  return (
    <g>
      {reads.map((read, index) => (
        <circle key={`${read.case_number} ${index}`} cx={place(index)} cy={y((read.active_s ?? 0) / 60)} r={4} fill="var(--accent)" fillOpacity={0.85}>
          <title>{`${read.pseudonym}: ${formatMinutes(read.active_s)} min`}</title>
        </circle>
      ))}
      <line x1={x - half} x2={x + half} y1={y(middle / 60)} y2={y(middle / 60)} stroke="#fff" strokeWidth={2} />
      <text x={x} y={HEIGHT - 12} textAnchor="middle" className={css.axisName}>
        {name}
      </text>
    </g>
  );
}
