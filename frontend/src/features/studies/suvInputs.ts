function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (Array.isArray(value)) return value.map(shown).join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The record as name and value rows, nested names joined: whatever the server kept is shown, nothing is left out. */
export function inputRows(record: Readonly<Record<string, unknown>>, prefix = ''): [string, string][] {
  return Object.entries(record).flatMap(([name, value]) => {
    const label = prefix + name.replaceAll('_', ' ');
    return isRecord(value) ? inputRows(value, `${label}: `) : [[label, shown(value)] as [string, string]];
  });
}
