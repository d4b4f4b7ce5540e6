import { useState } from 'react';

import { useStartJob } from '../../api/endpoints/jobs';
import { useReleases } from '../../api/endpoints/releases';
import { ApiError } from '../../api/errors';
import type { Release, Study } from '../../api/types';
import { Button } from '../../ui/Button';
import { Chip } from '../../ui/Chip';
import { EmptyState } from '../../ui/EmptyState';
import { Check, TextArea } from '../../ui/Field';
import { Dialog } from '../../ui/Dialog';
import { ErrorNote, Note } from '../../ui/Note';
import { QueryView } from '../../ui/QueryView';
import { useToast } from '../../ui/Toast';
import css from './studies.module.css';
import { text } from './text';

/** Choose a release and start. The server says when a release was not made for the tracer: then a reason is asked for. */
export function SegmentDialog({ study, onClose }: { study: Study; onClose: () => void }) {
  const releases = useReleases();
  const start = useStartJob();
  const say = useToast();
  const [chosen, setChosen] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const active = (releases.data ?? []).filter((release) => release.is_active);
  const release = active.find((one) => one.id === chosen) ?? active[0];
  const mismatch = start.error instanceof ApiError && start.error.code === 'tracer_not_supported';
  const ready = release !== undefined && (!mismatch || reason.trim() !== '');

  const choose = (id: string) => {
    setChosen(id);
    start.reset();
  };
  const submit = () => {
    if (!ready) return;
    const override = mismatch ? { override_reason: reason.trim() } : {};
    start.mutate(
      { study: study.id, release: release.id, ...override },
      {
        onSuccess: () => {
          say(text.started, 'ok');
          onClose();
        },
      },
    );
  };
  return (
    <Dialog
      title={text.segmentTitle}
      onClose={onClose}
      onSubmit={submit}
      actions={
        <Button type="submit" tone="primary" busy={start.isPending} disabled={!ready}>
          {text.start}
        </Button>
      }
    >
      <QueryView query={releases} failed={text.releasesFailed} rows={2}>
        {() => <ReleaseChoice releases={active} chosen={release?.id ?? null} onChoose={choose} />}
      </QueryView>
      {mismatch && release && (
        <>
          <Note tone="warn">{text.tracerMismatch(release.name, study.tracer)}</Note>
          <TextArea
            label={text.overrideReason}
            hint={text.overrideHint}
            required
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        </>
      )}
      {start.isError && !mismatch && <ErrorNote title={text.startFailed} error={start.error} />}
    </Dialog>
  );
}

interface ReleaseChoiceProps {
  releases: readonly Release[];
  chosen: string | null;
  onChoose: (id: string) => void;
}

function ReleaseChoice({ releases, chosen, onChoose }: ReleaseChoiceProps) {
  if (releases.length === 0) return <EmptyState title={text.noReleases} />;
  return (
    <div role="radiogroup" aria-label={text.release} className={css.releases}>
      {releases.map((release) => (
        <Check
          key={release.id}
          type="radio"
          name="release"
          checked={release.id === chosen}
          onChange={() => onChoose(release.id)}
        >
          <b>{release.name}</b> {release.is_synthetic && <Chip tone="warn">{text.modelTrainedOnPhantoms}</Chip>}
          <br />
          <span className={css.quiet}>
            {release.method}
            {release.tracers.length > 0 && `, ${release.tracers.join(', ')}`}
          </span>
        </Check>
      ))}
    </div>
  );
}
