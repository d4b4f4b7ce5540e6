/**
 * The next case's images, fetched while the present one is read: header, MIP and PET are kept in memory, the CT
 * goes through the browser's cache. Nothing is opened by it: opening starts the records of a read.
 */

import { fetchBytes } from '../../api/client';
import { mipUrl, voxelsUrl } from '../../api/endpoints/volumes';
import type { Read, Volume } from '../../api/types';

/** A tab has room for this much beside the case that is being read. */
const MOST_BYTES = 160e6;
type Images = NonNullable<Read['next_images']>;

interface Kept {
  readonly pet: string;
  readonly parts: Map<string, ArrayBuffer>;
  readonly abort: AbortController;
}

let kept: Kept | null = null;

/** Begins to fetch, one file after the other. The same images again change nothing. */
export function fetchAhead(images: Images, headerOf: (id: string) => Promise<Volume>): void {
  if (kept?.pet === images.pet_volume) return;
  forgetAhead();
  const mine: Kept = { pet: images.pet_volume, parts: new Map(), abort: new AbortController() };
  kept = mine;
  fetchAll(images, mine, headerOf).catch((error: unknown) => {
    // It shows when the case is opened, not now.
    if (!mine.abort.signal.aborted) console.warn('The next case could not be fetched ahead.', error);
  });
}

/** What was fetched for an address; it is given once. */
export function takeAhead(url: string): ArrayBuffer | null {
  const found = kept?.parts.get(url) ?? null;
  kept?.parts.delete(url);
  return found;
}

/** Addresses at hand: for tests in a browser. */
export const aheadUrls = (): string[] => [...(kept?.parts.keys() ?? [])];

export function forgetAhead(): void {
  kept?.abort.abort();
  kept = null;
}

async function fetchAll({ pet_volume: pet, ct_volume: ct }: Images, { parts, abort }: Kept, headerOf: (id: string) => Promise<Volume>): Promise<void> {
  const header = await headerOf(pet);
  if (header.mip !== null) parts.set(mipUrl(pet), await fetchBytes(mipUrl(pet), abort.signal, 'low'));
  if (header.voxels_bytes <= MOST_BYTES) parts.set(voxelsUrl(pet), await fetchBytes(voxelsUrl(pet), abort.signal, 'low'));
  if (ct === null) return;
  const { voxels_bytes } = await headerOf(ct);
  // The cache takes it as it comes packed; the tab keeps nothing of it.
  if (voxels_bytes <= MOST_BYTES) await fetchBytes(voxelsUrl(ct), abort.signal, 'low');
}
