/** How numbers and times are written on every screen. Undefined is a dash, never zero. */
export const DASH = '–';

const LOCALE = 'en-GB';

export function formatNumber(value: number | null | undefined, digits: number): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return DASH;
  return value.toLocaleString(LOCALE, { minimumFractionDigits: digits, maximumFractionDigits: digits }).replace('-', '−');
}

/** Volumes in mL: one decimal, three below 1 mL. */
export function formatMl(value: number | null | undefined): string {
  return formatNumber(value, value !== null && value !== undefined && Math.abs(value) < 1 ? 2 : 1);
}

export function formatMinutes(seconds: number | null | undefined): string {
  return formatNumber(seconds === null || seconds === undefined ? null : seconds / 60, 1);
}

/** "42 s", "5 min 03 s", "1 h 12 min". */
export function formatDuration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return DASH;
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`;
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${formatNumber(value, unit === 0 || value >= 100 ? 0 : 1)} ${units[unit]}`;
}

/** ISO date "2026-11-02"; a study date has no time. */
export function formatDate(iso: string | null | undefined): string {
  return iso ? iso.slice(0, 10) : DASH;
}

/** "2026-11-02 14:05" in the viewer's own time zone. */
export function formatDateTime(iso: string | null | undefined): string {
  if (!iso) return DASH;
  const time = new Date(iso);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${two(time.getHours())}:${two(time.getMinutes())}`;
}

export function formatPercent(share: number | null | undefined): string {
  return share === null || share === undefined ? DASH : `${Math.round(share * 100)} %`;
}
