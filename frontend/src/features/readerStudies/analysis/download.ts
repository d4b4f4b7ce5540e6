import type { ReportFigure } from './report';
import { specOf, themeOf } from './theme';

/** Pixels of the PNG for one point of the figure: 288 dots per inch. */
const PNG_SCALE = 4;

export function download(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser reads the address after the click returned.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** The paper look of a figure, drawn off the page from the same specification. */
export async function figureFile(figure: ReportFigure, format: 'svg' | 'png'): Promise<Blob> {
  const { default: embed } = await import('vega-embed');
  const stage = document.createElement('div');
  const drawn = await embed(stage, specOf(figure, 'paper'), { actions: false, renderer: 'svg', config: themeOf('paper') });
  try {
    if (format === 'svg') return new Blob([await drawn.view.toSVG()], { type: 'image/svg+xml' });
    const address = await drawn.view.toImageURL('png', PNG_SCALE);
    return await (await fetch(address)).blob();
  } finally {
    drawn.finalize();
  }
}
