import type { Config } from 'vega-embed';

import type { ReportFigure } from './report';

const FONT = "Inter, 'Segoe UI', system-ui, sans-serif";
const PAPER_FONT = 'Roboto, Helvetica, Arial, sans-serif';

/** Dark on the screen, white for papers: the specification itself has neither. */
export type Look = 'screen' | 'paper';

export function themeOf(look: Look): Config {
  const dark = look === 'screen';
  const ink = dark ? '#e6eaef' : '#1a1a1a';
  const quiet = dark ? '#8b96a5' : '#6b7280';
  const text = { labelColor: ink, titleColor: ink, labelFontSize: 11 };
  return {
    background: dark ? 'transparent' : '#ffffff',
    font: dark ? FONT : PAPER_FONT,
    padding: dark ? 4 : 12,
    view: { stroke: null },
    title: { anchor: 'start', fontSize: 14, fontWeight: 600, color: ink, subtitleColor: quiet, subtitleFontSize: 11, offset: 12 },
    axis: { ...text, titleFontSize: 12, titleFontWeight: 500, gridColor: dark ? '#262d36' : '#e3e6ea', domainColor: quiet, tickColor: quiet, titlePadding: 8 },
    axisX: { grid: false },
    legend: { ...text, titleFontSize: 11 },
    header: { labelColor: ink, labelFontSize: 12, labelFontWeight: 600 },
    // Named styles of the marks that stand for text and lines; colours of the data are in the specification.
    style: {
      quiet: { stroke: quiet, color: quiet },
      strong: { stroke: ink, color: ink },
      label: { fill: ink, color: ink },
      median: { stroke: ink, color: ink },
      outlier: { stroke: ink, fill: 'transparent' },
    },
  };
}

/** For papers with title, n and the mark of synthetic data, so that no copy loses them; on the page they stand round it. */
export function specOf(figure: ReportFigure, look: Look): Record<string, unknown> {
  const spec = { ...figure.spec };
  if (look === 'screen') return spec;
  const subtitle = [`n = ${figure.n}`, ...(figure.is_synthetic ? ['SYNTHETIC DATA'] : [])].join(' · ');
  return { ...spec, title: { text: figure.title, subtitle } };
}
