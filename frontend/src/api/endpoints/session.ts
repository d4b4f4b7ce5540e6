import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, setCsrfToken, unwrap } from '../client';
import type { Session } from '../types';

export const sessionKey = ['session'] as const;

async function remember(call: Promise<Session>): Promise<Session> {
  const session = await call;
  setCsrfToken(session.csrf_token);
  return session;
}

export function useSession() {
  return useQuery({
    queryKey: sessionKey,
    queryFn: () => remember(unwrap(api.GET('/api/session/'))),
    staleTime: 5 * 60_000,
  });
}

export function useSignIn() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: { username: string; password: string }) =>
      remember(unwrap(api.POST('/api/session/', { body }))),
    onSuccess: (session) => {
      // Nothing of the person who sat here before may be shown to the next one.
      cache.clear();
      cache.setQueryData(sessionKey, session);
    },
  });
}

export function useSignOut() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: () => unwrap(api.DELETE('/api/session/')),
    onSuccess: async () => {
      const session = await remember(unwrap(api.GET('/api/session/')));
      cache.clear();
      cache.setQueryData(sessionKey, session);
    },
  });
}
