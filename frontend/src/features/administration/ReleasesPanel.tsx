import { useState } from 'react';

import { useReleases, useSetReleaseActive } from '../../api/endpoints/releases';
import type { Release } from '../../api/types';
import { Button } from '../../ui/Button';
import { Card, Facts } from '../../ui/Card';
import { Chip } from '../../ui/Chip';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorNote } from '../../ui/Note';
import { QueryView } from '../../ui/QueryView';
import css from './administration.module.css';
import { ModelCard } from './ModelCard';
import { RegisterDialog } from './RegisterDialog';
import { text } from './text';

export function ReleasesPanel() {
  const releases = useReleases();
  const [registering, setRegistering] = useState(false);
  const [chosen, setChosen] = useState<string | null>(null);
  const button = (
    <Button tone="primary" onClick={() => setRegistering(true)}>
      {text.register}
    </Button>
  );
  return (
    <QueryView query={releases} failed={text.releasesFailed}>
      {(list) => (
        <>
          {list.length === 0 ? (
            <EmptyState title={text.noReleasesTitle} action={button}>
              {text.noReleases}
            </EmptyState>
          ) : (
            <div className={css.releases}>
              <Card title={text.releases} actions={button}>
                <ReleaseList releases={list} chosen={(list.find((one) => one.id === chosen) ?? list[0])?.id} onChoose={setChosen} />
              </Card>
              <ReleaseView release={list.find((one) => one.id === chosen) ?? list[0]} />
            </div>
          )}
          {registering && <RegisterDialog onClose={() => setRegistering(false)} onRegistered={setChosen} />}
        </>
      )}
    </QueryView>
  );
}

interface ReleaseListProps {
  releases: readonly Release[];
  chosen: string | undefined;
  onChoose: (id: string) => void;
}

function ReleaseList({ releases, chosen, onChoose }: ReleaseListProps) {
  return (
    <ul className={css.list}>
      {releases.map((release) => (
        <li key={release.id}>
          <button type="button" aria-current={release.id === chosen} onClick={() => onChoose(release.id)}>
            <b>{release.name}</b>
            <ActiveChip release={release} />
            <small>{release.tracers.join(', ') || text.anyTracer}</small>
          </button>
        </li>
      ))}
    </ul>
  );
}

function ActiveChip({ release }: { release: Release }) {
  return release.is_active ? <Chip tone="ok">{text.activeRelease}</Chip> : <Chip>{text.inactiveRelease}</Chip>;
}

function ReleaseView({ release }: { release: Release | undefined }) {
  const setActive = useSetReleaseActive();
  if (!release) return null;
  const turn = () => setActive.mutate({ id: release.id, is_active: !release.is_active });
  return (
    <Card
      title={release.name}
      named
      actions={
        <Button busy={setActive.isPending} onClick={turn}>
          {release.is_active ? text.deactivate : text.activate}
        </Button>
      }
    >
      <div className={css.release}>
        <span className={css.chips}>
          <ActiveChip release={release} />
          {release.is_synthetic && <Chip tone="warn">{text.phantoms}</Chip>}
        </span>
        <Facts
          items={[
            [text.method, release.method],
            [text.tracers, release.tracers.join(', ') || text.anyTracer],
            [text.fingerprint, <code key="fingerprint">{release.fingerprint}</code>],
          ]}
        />
        {setActive.isError && <ErrorNote title={text.switchFailed} error={setActive.error} />}
        <h2>{text.modelCard}</h2>
        {release.model_card ? <ModelCard source={release.model_card} /> : <p className={css.quiet}>{text.noCard}</p>}
      </div>
    </Card>
  );
}
