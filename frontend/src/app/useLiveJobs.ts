import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

import { rememberJob, rememberJobs } from '../api/endpoints/jobs';
import { sessionKey } from '../api/endpoints/session';
import { worklistKey } from '../api/endpoints/worklist';
import { parseJobMessage } from '../api/jobMessages';
import { listenToSocket, type SocketState, socketUrl } from '../api/socket';

/** Keeps jobs and the worklist in the cache live for as long as somebody is signed in. */
export function useLiveJobs(): SocketState {
  const cache = useQueryClient();
  const [state, setState] = useState<SocketState>('connecting');
  useEffect(
    () =>
      listenToSocket(socketUrl('/ws/jobs/'), {
        onState: setState,
        onSignedOut: () => void cache.invalidateQueries({ queryKey: sessionKey }),
        onMessage: (raw) => {
          const message = parseJobMessage(raw);
          if (message === null) return;
          if (message.type === 'worklist') void cache.invalidateQueries({ queryKey: worklistKey });
          if (message.type === 'jobs') rememberJobs(cache, message.jobs);
          if (message.type === 'job') rememberJob(cache, message.job);
        },
      }),
    [cache],
  );
  return state;
}
