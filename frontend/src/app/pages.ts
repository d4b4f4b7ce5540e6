import type { Role } from '../api/types';
import { text } from './text';

interface Page {
  path: string;
  label: string;
  roles: readonly Role[];
}

/** The pages of the navigation, in its order. The server refuses the rest in any case. */
export const PAGES: readonly Page[] = [
  { path: '/worklist', label: text.nav.worklist, roles: ['reader'] },
  { path: '/reader-studies', label: text.nav.readerStudies, roles: ['coordinator'] },
  { path: '/studies', label: text.nav.studies, roles: ['coordinator', 'data_manager', 'administrator'] },
  { path: '/import', label: text.nav.upload, roles: ['data_manager'] },
  { path: '/administration', label: text.nav.administration, roles: ['administrator'] },
];

export function pagesFor(roles: readonly Role[]): readonly Page[] {
  return PAGES.filter((page) => page.roles.some((role) => roles.includes(role)));
}

export function rolesOf(path: string): readonly Role[] {
  return PAGES.find((page) => page.path === path)?.roles ?? [];
}

/** Where a person starts: the first page of theirs. */
export function homeOf(roles: readonly Role[]): string {
  return pagesFor(roles)[0]?.path ?? '/no-role';
}
