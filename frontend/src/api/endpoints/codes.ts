import { queryOptions } from '@tanstack/react-query';

import { api, unwrap } from '../client';

/** The coded lists do not change while the page is open. */
export function codesOptions() {
  return queryOptions({
    queryKey: ['codes'],
    queryFn: () => unwrap(api.GET('/api/codes/')),
    staleTime: Infinity,
  });
}
