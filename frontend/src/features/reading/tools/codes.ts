/** The coded sites and classes a lesion can be given, as the server lists them. */

import { useQuery } from '@tanstack/react-query';

import { codesOptions } from '../../../api/endpoints/codes';
import type { Codes } from '../../../api/types';
import { TOOL_TEXT } from './text';

export type Site = Codes['sites'][number];
export type FindingClass = Codes['classes'][number];
export type Side = 'left' | 'right' | 'bilateral';
export const SIDES: readonly Side[] = ['left', 'right', 'bilateral'];

export function useCodes(): Codes | undefined {
  return useQuery(codesOptions()).data;
}

/** "femur/left" -> ["femur", "left"]; nothing -> ["", null]. */
export function splitSite(key: string): [string, Side | null] {
  const [name = '', side] = key.split('/');
  return [name, SIDES.find((one) => one === side) ?? null];
}

export const joinSite = (site: Site, side: Side | null): string => (site.paired && side !== null ? `${site.key}/${side}` : site.key);

/** "Femur, left". An unknown key is shown as it is. */
export function siteName(key: string, sites: readonly Site[]): string {
  const [name, side] = splitSite(key);
  const site = sites.find((one) => one.key === name);
  return site === undefined ? key : `${site.label}${side === null ? '' : `, ${TOOL_TEXT.describe.sides[side]}`}`;
}

/** Entries whose every typed word begins a word of the name or group; names that start so come first. */
export function search<T extends { readonly key: string; readonly group: string; readonly label: string }>(entries: readonly T[], typed: string): T[] {
  const words = typed.toLowerCase().split(/[\s,/]+/).filter(Boolean);
  const wordsOf = (entry: T): string[] => `${entry.label} ${entry.group} ${entry.key}`.toLowerCase().split(/[\s_]+/);
  const found = entries.filter((entry) => words.every((word) => wordsOf(entry).some((one) => one.startsWith(word))));
  const first = words[0] ?? '';
  const rank = (entry: T): number => (entry.label.toLowerCase().startsWith(first) ? 0 : 1);
  return [...found].sort((a, b) => rank(a) - rank(b));
}
