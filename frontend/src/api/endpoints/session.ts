import { type QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, setCsrfToken, unwrap } from '../client';
import type { Session } from '../types';

export const sessionKey = ['session'] as const;

async function remember(call: Promise<Session>): Promise<Session> {
  const session = await call;
  setCsrfToken(session.csrf_token);
  return session;
}

const getSession = (): Promise<Session> => remember(unwrap(api.GET('/api/session/')));

/** Signs in. The token is fetched first: there may be none yet, or one of a session that has ended. */
export async function signInAs(body: { username: string; password: string }): Promise<Session> {
  await getSession();
  return remember(unwrap(api.POST('/api/session/', { body })));
}

/**
 * Another person, or nobody, sits here now: nothing of the one before may be shown. The session's own query
 * stays, because the screen listens to it; a cleared cache would leave it listening to nothing.
 */
export function changeSession(cache: QueryClient, session: Session): void {
  cache.setQueryData(sessionKey, session);
  cache.removeQueries({ predicate: (query) => query.queryKey[0] !== sessionKey[0] });
}

export function useSession() {
  return useQuery({
    queryKey: sessionKey,
    queryFn: getSession,
    staleTime: 5 * 60_000,
  });
}

export function useSignIn() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: signInAs,
    onSuccess: (session) => changeSession(cache, session),
  });
}

export function useSignOut() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: () => unwrap(api.DELETE('/api/session/')),
    onSuccess: async () => changeSession(cache, await getSession()),
  });
}
