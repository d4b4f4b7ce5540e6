import { useState } from 'react';

import { useSetDataManagers } from '../../api/endpoints/projects';
import { useUsers } from '../../api/endpoints/users';
import { hasRole } from '../../api/roles';
import type { Project } from '../../api/types';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { Check } from '../../ui/Field';
import { ErrorNote } from '../../ui/Note';
import { QueryView } from '../../ui/QueryView';
import { useToast } from '../../ui/Toast';
import css from './administration.module.css';
import { text } from './text';

export function ManagersDialog({ project, onClose }: { project: Project; onClose: () => void }) {
  const users = useUsers();
  const save = useSetDataManagers();
  const say = useToast();
  const [chosen, setChosen] = useState<readonly string[]>(project.data_managers);
  const toggle = (name: string) => setChosen(chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name]);
  const submit = () =>
    save.mutate(
      { id: project.id, managers: [...chosen] },
      {
        onSuccess: () => {
          say(text.saved, 'ok');
          onClose();
        },
      },
    );
  return (
    <Dialog
      title={text.managersTitle(project.name)}
      onClose={onClose}
      onSubmit={submit}
      actions={
        <Button type="submit" tone="primary" busy={save.isPending}>
          {text.save}
        </Button>
      }
    >
      <p className={css.quiet}>{text.managersHint}</p>
      <QueryView query={users} failed={text.usersFailed} rows={2}>
        {(list) => {
          const managers = list.filter((user) => hasRole(user, 'data_manager'));
          if (managers.length === 0) return <p>{text.noDataManagers}</p>;
          return managers.map((user) => (
            <Check key={user.id} checked={chosen.includes(user.username)} onChange={() => toggle(user.username)}>
              {user.username} <span className={css.quiet}>{`${user.first_name} ${user.last_name}`.trim()}</span>
            </Check>
          ));
        }}
      </QueryView>
      {save.isError && <ErrorNote title={text.managersFailed} error={save.error} />}
    </Dialog>
  );
}
