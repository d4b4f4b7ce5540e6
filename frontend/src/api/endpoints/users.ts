import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, unwrap } from '../client';
import type { NewUser, UserChange } from '../types';

const usersKey = ['users'] as const;

export function useUsers() {
  return useQuery({ queryKey: usersKey, queryFn: () => unwrap(api.GET('/api/users/')) });
}

export function useReaders() {
  return useQuery({ queryKey: ['readers'], queryFn: () => unwrap(api.GET('/api/readers/')) });
}

export function useCreateUser() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: NewUser) => unwrap(api.POST('/api/users/', { body })),
    onSuccess: () => cache.invalidateQueries({ queryKey: usersKey }),
  });
}

export function useUpdateUser() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ id, change }: { id: number; change: UserChange }) =>
      unwrap(api.PATCH('/api/users/{user_id}/', { params: { path: { user_id: id } }, body: change })),
    onSuccess: () => cache.invalidateQueries({ queryKey: usersKey }),
  });
}
