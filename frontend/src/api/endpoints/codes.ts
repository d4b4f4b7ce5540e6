import { queryOptions } from '@tanstack/react-query';

import { fetchOk } from '../client';
import type { Codes } from '../types';

/** The coded lists do not change while the page is open. */
export function codesOptions() {
  return queryOptions({
    queryKey: ['codes'],
    queryFn: async (): Promise<Codes> => (await (await fetchOk('/api/codes/')).json()) as Codes,
    staleTime: Infinity,
  });
}
