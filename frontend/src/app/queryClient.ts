import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';

import { sessionKey } from '../api/endpoints/session';
import { ApiError, isTransient } from '../api/errors';

const RETRIES = 3;

/** Server data lives here only. A refusal is not asked for again; a busy or absent server is. */
export function makeQueryClient(): QueryClient {
  const onError = (error: Error): void => {
    // The session ended on the server: asking for it again brings the sign-in page.
    if (error instanceof ApiError && error.code === 'not_signed_in') {
      void client.invalidateQueries({ queryKey: sessionKey });
    }
  };
  const client = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        retry: (failures, error) => isTransient(error) && failures < RETRIES,
      },
      mutations: { retry: false },
    },
  });
  return client;
}
