import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

import { rememberJob, rememberJobs } from '../api/endpoints/jobs';
import { sessionKey } from '../api/endpoints/session';
import { worklistKey } from '../api/endpoints/worklist';
import { jobSocketUrl, listenToJobs, type SocketState } from '../api/jobSocket';

/** Keeps jobs and the worklist in the cache live for as long as somebody is signed in. */
export function useLiveJobs(): SocketState {
  const cache = useQueryClient();
  const [state, setState] = useState<SocketState>('connecting');
  useEffect(
    () =>
      listenToJobs(jobSocketUrl(window.location), {
        onState: setState,
        onSignedOut: () => void cache.invalidateQueries({ queryKey: sessionKey }),
        onMessage: (message) => {
          if (message.type === 'worklist') void cache.invalidateQueries({ queryKey: worklistKey });
          if (message.type === 'jobs') rememberJobs(cache, message.jobs);
          if (message.type === 'job') rememberJob(cache, message.job);
        },
      }),
    [cache],
  );
  return state;
}
