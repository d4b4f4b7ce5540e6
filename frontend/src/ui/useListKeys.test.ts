import { expect, it } from 'vitest';

import { movedIndex } from './useListKeys';

it('moves the mark by j, k and arrows, and stops at both ends', () => {
  expect(movedIndex('j', -1, 3)).toBe(0);
  expect(movedIndex('ArrowDown', 2, 3)).toBe(2);
  expect(movedIndex('k', 0, 3)).toBe(0);
  expect(movedIndex('ArrowUp', 2, 3)).toBe(1);
  expect([movedIndex('Home', 2, 3), movedIndex('End', 0, 3)]).toEqual([0, 2]);
  expect([movedIndex('x', 0, 3), movedIndex('j', -1, 0)]).toEqual([null, null]);
});
