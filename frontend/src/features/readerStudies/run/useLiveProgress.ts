import { useEffect, useState } from 'react';

import { parseProgress, type StudyProgress, useProgress } from '../../../api/endpoints/readerStudyRun';
import { listenToSocket, socketUrl } from '../../../api/socket';

interface Live {
  progress: StudyProgress | null;
  connected: boolean;
  error: unknown;
  retry: () => void;
}

/** Progress as the server pushes it; without a socket what was last asked for stays, with its time. */
export function useLiveProgress(studyId: string): Live {
  const asked = useProgress(studyId);
  const [pushed, setPushed] = useState<StudyProgress | null>(null);
  const [connected, setConnected] = useState(false);
  useEffect(
    () =>
      listenToSocket(socketUrl(`/ws/reader-studies/${studyId}/`), {
        onMessage: (message) => {
          const progress = parseProgress(message);
          if (progress !== null) setPushed(progress);
        },
        onState: (state) => setConnected(state === 'open'),
      }),
    [studyId],
  );
  const newest = pushed !== null && (asked.data === undefined || pushed.at >= asked.data.at) ? pushed : (asked.data ?? null);
  return { progress: newest, connected, error: newest === null ? asked.error : null, retry: () => void asked.refetch() };
}
