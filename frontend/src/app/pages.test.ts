import { describe, expect, it } from 'vitest';

import { knownRoles } from '../api/roles';
import { homeOf, pagesFor, rolesOf } from './pages';

const paths = (...roles: Parameters<typeof pagesFor>[0]) => pagesFor(roles).map((page) => page.path);

describe('pages of a role', () => {
  it('a reader sees the worklist and nothing else', () => {
    expect(paths('reader')).toEqual(['/worklist']);
  });

  it('the others see what they work on', () => {
    expect(paths('coordinator')).toEqual(['/reader-studies', '/studies']);
    expect(paths('data_manager')).toEqual(['/studies', '/import']);
    expect(paths('administrator')).toEqual(['/studies', '/administration']);
  });

  it('somebody with two roles sees both, and starts with the first', () => {
    expect(paths('administrator', 'reader')).toEqual(['/worklist', '/studies', '/administration']);
    expect(homeOf(['administrator', 'reader'])).toBe('/worklist');
  });

  it('nobody sees a page that is not listed', () => {
    expect(rolesOf('/secret')).toEqual([]);
    expect(homeOf([])).toBe('/no-role');
    expect(knownRoles(['reader', 'toString', 'wizard'])).toEqual(['reader']);
  });
});
