/** Which tools the plan allows in this read. The server refuses the others; here they are not shown. */

import type { Reshape, SeedRule, ToolOptions, VoiMethod } from './options';
import type { ToolName } from './tool';

/** The names that edits of each tool are saved with. One of them is enough for the tool to be there. */
const SAVED_AS: Readonly<Record<ToolName, readonly string[] | null>> = {
  window: null,
  cross: null,
  add: ['add_seed', 'seed_background', 'seed_gradient', 'seed_flab'],
  brush: ['brush'],
  erase: ['erase'],
  sphere: ['sphere'],
  voi: ['voi_threshold', 'voi_flab'],
  split: ['split_watershed'],
  cut: ['cut'],
  merge: ['merge'],
  physiological: ['physiological'],
  reshape: ['grow', 'shrink', 'smooth', 'fill_holes'],
  describe: ['describe'],
};

/** allowed: the tools of the Read, as the server names them. */
export function isOffered(name: ToolName, allowed: readonly string[]): boolean {
  const names = SAVED_AS[name];
  return names === null || names.some((one) => allowed.includes(one));
}

/** What an edit is saved with, by the method chosen inside its tool. A margin grows or shrinks. */
const SEED: Readonly<Record<SeedRule, readonly string[]>> = {
  percent: ['add_seed'],
  fixed: ['add_seed'],
  roi: ['add_seed'],
  background: ['seed_background'],
  gradient: ['seed_gradient'],
  flab: ['seed_flab'],
};
const VOI: Readonly<Record<VoiMethod, readonly string[]>> = { flab: ['voi_flab'], percent: ['voi_threshold'], fixed: ['voi_threshold'] };
const RESHAPE: Readonly<Record<Reshape, readonly string[]>> = { margin: ['grow', 'shrink'], smooth: ['smooth'], fill: ['fill_holes'] };

/** Methods that the plan leaves in a tool, in the order they are shown. */
export const seedRules = (allowed: readonly string[]): SeedRule[] => within(SEED, allowed);
export const voiMethods = (allowed: readonly string[]): VoiMethod[] => within(VOI, allowed);
export const reshapes = (allowed: readonly string[]): Reshape[] => within(RESHAPE, allowed);

/** Least and greatest margin in mm: an arm may allow growing without shrinking. */
export function marginRange(allowed: readonly string[], farthestMm: number): readonly [number, number] {
  return [allowed.includes('shrink') ? -farthestMm : 0, allowed.includes('grow') ? farthestMm : 0];
}

/** The settings with methods that the plan leaves out replaced by the first it allows. */
export function withinPlan(options: ToolOptions, allowed: readonly string[]): ToolOptions {
  const [least, greatest] = marginRange(allowed, Math.abs(options.marginMm));
  return {
    ...options,
    seedRule: kept(options.seedRule, seedRules(allowed)),
    voiMethod: kept(options.voiMethod, voiMethods(allowed)),
    reshape: kept(options.reshape, reshapes(allowed)),
    marginMm: options.marginMm > 0 ? greatest || least : least || greatest,
  };
}

/** The one after `now`, round and round. */
export function following<T>(ways: readonly T[], now: T): T {
  return ways[(ways.indexOf(now) + 1) % ways.length] ?? now;
}

function within<T extends string>(names: Readonly<Record<T, readonly string[]>>, allowed: readonly string[]): T[] {
  return (Object.keys(names) as T[]).filter((one) => names[one].some((name) => allowed.includes(name)));
}

function kept<T>(now: T, ways: readonly T[]): T {
  return ways.includes(now) ? now : (ways[0] ?? now);
}
