import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, unwrap } from '../client';

const projectsKey = ['projects'] as const;

export function useProjects() {
  return useQuery({ queryKey: projectsKey, queryFn: () => unwrap(api.GET('/api/projects/')) });
}

export function useCreateProject() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: { name: string; pseudonym_prefix: string }) => unwrap(api.POST('/api/projects/', { body })),
    onSuccess: () => cache.invalidateQueries({ queryKey: projectsKey }),
  });
}
