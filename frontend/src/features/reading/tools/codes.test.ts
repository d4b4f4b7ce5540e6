import { describe, expect, it } from 'vitest';

import { joinSite, search, type Site, siteName, splitSite } from './codes';

const site = (key: string, label: string, group: string, paired = false): Site => ({ key, label, group, group_label: group, paired, code: { value: '1', scheme: 'SCT', meaning: label } });
const SITES = [site('femur', 'Femur', 'bone', true), site('node_iliac', 'Iliac lymph node', 'lymph_node', true), site('ilium', 'Ilium', 'bone', true), site('liver', 'Liver', 'liver')];

describe('coded sites', () => {
  it('are read and written with their side', () => {
    expect(splitSite('femur/left')).toEqual(['femur', 'left']);
    expect(splitSite('')).toEqual(['', null]);
    expect(joinSite(SITES[0]!, 'left')).toBe('femur/left');
    expect(joinSite(SITES[3]!, 'left')).toBe('liver');
    expect(siteName('femur/left', SITES)).toBe('Femur, left');
    expect(siteName('somewhere', SITES)).toBe('somewhere');
  });

  it('are found by the beginnings of words, names first', () => {
    expect(search(SITES, 'ili').map((one) => one.key)).toEqual(['node_iliac', 'ilium']);
    expect(search(SITES, 'node ili').map((one) => one.key)).toEqual(['node_iliac']);
    expect(search(SITES, 'bone').map((one) => one.key)).toEqual(['femur', 'ilium']);
    expect(search(SITES, 'xyz')).toEqual([]);
  });
});
