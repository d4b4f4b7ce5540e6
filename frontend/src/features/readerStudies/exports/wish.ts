import type { ExportPart, ExportTableFormat } from '../../../api/types';

export const PARTS: readonly ExportPart[] = ['tables', 'forms', 'versions', 'dataset'];
export const FORMATS: readonly ExportTableFormat[] = ['csv', 'xlsx', 'json', 'parquet'];

export interface Wish {
  parts: readonly ExportPart[];
  formats: readonly ExportTableFormat[];
}

export const FIRST_WISH: Wish = { parts: ['tables'], formats: FORMATS };

/** Results of single reads cannot be masked: whoever knows the allocation knows their arm. */
export const mayExport = (part: ExportPart, masked: boolean): boolean => !masked || part === 'tables';

/** What is asked for: in the product's order, without parts that wait for the data lock. */
export function asked(wish: Wish, masked: boolean): { parts: ExportPart[]; formats: ExportTableFormat[] } {
  return {
    parts: PARTS.filter((part) => wish.parts.includes(part) && mayExport(part, masked)),
    formats: FORMATS.filter((format) => wish.formats.includes(format)),
  };
}

export function isComplete(wish: Wish, masked: boolean): boolean {
  const { parts, formats } = asked(wish, masked);
  return parts.length > 0 && (!parts.includes('tables') || formats.length > 0);
}

export const toggled = <Item>(items: readonly Item[], item: Item): Item[] =>
  items.includes(item) ? items.filter((one) => one !== item) : [...items, item];
