import { useLivingWorkers } from '../api/endpoints/workers';
import { Note } from './Note';
import { whatWaits } from './workers';

/** Shown while nobody runs jobs or imports; an administrator or the log of the worker knows why. */
export function WorkerNotice() {
  const { data } = useLivingWorkers();
  const waits = data ? whatWaits(data) : null;
  if (waits === null) return null;
  return (
    <Note tone="warn" title={waits}>
      <p>Nothing is lost: it goes on when a worker is started (manage.py worker). Tell whoever runs this server.</p>
    </Note>
  );
}
