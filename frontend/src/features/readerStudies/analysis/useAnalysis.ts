import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, unwrap } from '../../../api/client';

const keyOf = (id: string) => ['analysis', id] as const;
const at = (id: string) => ({ params: { path: { reader_study_id: id } } });

/** Asked again every two seconds while it is being computed. */
export function useAnalysis(id: string) {
  return useQuery({
    queryKey: keyOf(id),
    queryFn: () => unwrap(api.GET('/api/reader-studies/{reader_study_id}/analysis/', at(id))),
    refetchInterval: (query) => (query.state.data?.state === 'running' ? 2000 : false),
  });
}

export function useComputeAnalysis(id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: () => unwrap(api.POST('/api/reader-studies/{reader_study_id}/analysis/', at(id))),
    onSuccess: (answer) => cache.setQueryData(keyOf(id), answer),
  });
}
