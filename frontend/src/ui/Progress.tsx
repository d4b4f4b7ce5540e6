import css from './ui.module.css';

interface ProgressProps {
  /** Share done, 0 to 1; null when it is not known. */
  share: number | null;
  label: string;
  tone?: 'accent' | 'ok' | 'bad';
}

export function Progress({ share, label, tone = 'accent' }: ProgressProps) {
  const percent = share === null ? undefined : Math.round(Math.min(1, Math.max(0, share)) * 100);
  return (
    <div
      className={css.progress}
      data-tone={tone}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <i className={percent === undefined ? css.endless : undefined} style={percent === undefined ? {} : { width: `${percent}%` }} />
    </div>
  );
}
