import { useEffect, useRef, useState } from 'react';

import { Button } from '../../../ui/Button';
import { Card } from '../../../ui/Card';
import { Chip } from '../../../ui/Chip';
import { useToast } from '../../../ui/Toast';
import css from './analysis.module.css';
import { download, figureFile } from './download';
import type { ReportFigure } from './report';
import { text } from './text';
import { specOf, themeOf } from './theme';

/** One figure: interactive here, SVG and PNG for papers from the same specification. */
export function FigureCard({ figure }: { figure: ReportFigure }) {
  const stage = useRef<HTMLDivElement>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    const target = stage.current;
    if (target === null) return undefined;
    const abort = new AbortController();
    let finalize: (() => void) | null = null;
    // Vega is a megabyte: it is loaded when the first figure is shown.
    import('vega-embed')
      .then(({ default: embed }) => (abort.signal.aborted ? null : embed(target, specOf(figure, 'screen'), { actions: false, renderer: 'svg', config: themeOf('screen') })))
      .then((drawn) => {
        if (drawn === null) return;
        if (abort.signal.aborted) drawn.finalize();
        else finalize = () => drawn.finalize();
      })
      .catch(() => {
        if (!abort.signal.aborted) setFailed(true);
      });
    return () => {
      abort.abort();
      finalize?.();
    };
  }, [figure]);
  return (
    <Card named title={figure.title} className={css.card} actions={<Downloads figure={figure} />}>
      <div ref={stage} className={css.figure} role="img" aria-label={`${figure.title}. ${figure.caption}`} data-figure={figure.key} />
      {failed && <p className={css.bad}>{text.figureFailed}</p>}
      <p className={css.note}>
        {figure.caption} n = {figure.n}.
      </p>
    </Card>
  );
}

function Downloads({ figure }: { figure: ReportFigure }) {
  const say = useToast();
  const save = (format: 'svg' | 'png') => () => {
    figureFile(figure, format)
      .then((file) => download(`${figure.key}.${format}`, file))
      .catch(() => say(text.downloadFailed, 'bad'));
  };
  return (
    <span className={css.actions}>
      {figure.is_synthetic && <Chip tone="warn">{text.synthetic}</Chip>}
      {(['svg', 'png'] as const).map((format) => (
        <Button key={format} tone="quiet" onClick={save(format)} aria-label={text.pictureOf(figure.title, format.toUpperCase())}>
          {format.toUpperCase()}
        </Button>
      ))}
    </span>
  );
}
