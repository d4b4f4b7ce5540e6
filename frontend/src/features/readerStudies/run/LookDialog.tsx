import { useTakeLook } from '../../../api/endpoints/readerStudyRun';
import { ReasonDialog } from './ReasonDialog';
import { text } from './text';

export function LookDialog({ studyId, number, onClose }: { studyId: string; number: number; onClose: () => void }) {
  const take = useTakeLook(studyId);
  return (
    <ReasonDialog
      title={text.takeLook}
      note={text.lookNote}
      action={text.takeLook}
      failed={text.lookFailed}
      query={take}
      onSubmit={(reason) => take.mutate({ number, reason }, { onSuccess: onClose })}
      onClose={onClose}
    />
  );
}
