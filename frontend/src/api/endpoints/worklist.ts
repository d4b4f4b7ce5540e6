import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, unwrap } from '../client';
import { readKey } from './reads';

export const worklistKey = ['worklist'] as const;

export function useWorklist() {
  return useQuery({
    queryKey: worklistKey,
    queryFn: () => unwrap(api.GET('/api/worklist/')),
    // The socket says when to ask again; this is for the time it is away.
    refetchInterval: (query) => (query.state.data?.some((item) => item.state === 'waiting') ? 15_000 : false),
  });
}

/** Opens an assignment; an open read is given again, so pressing twice is harmless. */
export function useOpenAssignment() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => unwrap(api.POST('/api/assignments/{assignment_id}/open/', { params: { path: { assignment_id: id } } })),
    onSuccess: (read) => {
      cache.setQueryData(readKey(read.id), read);
      void cache.invalidateQueries({ queryKey: worklistKey });
    },
  });
}
