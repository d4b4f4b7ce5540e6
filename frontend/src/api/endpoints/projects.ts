import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, unwrap } from '../client';
import type { NewProject } from '../types';

const projectsKey = ['projects'] as const;

export function useProjects() {
  return useQuery({ queryKey: projectsKey, queryFn: () => unwrap(api.GET('/api/projects/')) });
}

export function useCreateProject() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: NewProject) => unwrap(api.POST('/api/projects/', { body })),
    onSuccess: () => cache.invalidateQueries({ queryKey: projectsKey }),
  });
}

/** Who stands behind the pseudonyms. Asked for only when somebody presses for it: every look is recorded. */
export function useLookAtPatientKeys() {
  return useMutation({
    mutationFn: (project: string) => unwrap(api.GET('/api/patient-keys/', { params: { query: { project } } })),
    gcTime: 0,
  });
}

/** Who manages a project: all of them, by user name. */
export function useSetDataManagers() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ id, managers }: { id: string; managers: string[] }) =>
      unwrap(api.PATCH('/api/projects/{project_id}/', { params: { path: { project_id: id } }, body: { data_managers: managers } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: projectsKey }),
  });
}
