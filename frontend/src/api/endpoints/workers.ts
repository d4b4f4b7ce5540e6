import { useQuery } from '@tanstack/react-query';

import { api, unwrap } from '../client';

/** How many workers live, asked again while the page is open. */
export function useLivingWorkers() {
  return useQuery({
    queryKey: ['workers'],
    queryFn: () => unwrap(api.GET('/api/workers/')),
    refetchInterval: 10_000,
    staleTime: 5_000,
  });
}
