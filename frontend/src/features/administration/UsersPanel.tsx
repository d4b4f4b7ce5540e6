import { useState } from 'react';

import { useUsers } from '../../api/endpoints/users';
import { knownRoles } from '../../api/roles';
import type { User } from '../../api/types';
import { Button } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { Chip } from '../../ui/Chip';
import { DASH } from '../../ui/format';
import { QueryView } from '../../ui/QueryView';
import { type Column, Table } from '../../ui/Table';
import css from './administration.module.css';
import { text } from './text';
import { UserDialog } from './UserDialog';

export function UsersPanel() {
  const users = useUsers();
  const [edited, setEdited] = useState<User | 'new' | null>(null);
  return (
    <QueryView query={users} failed={text.usersFailed}>
      {(list) => (
        <>
          <Card
            title={text.users}
            flush
            actions={
              <Button tone="primary" onClick={() => setEdited('new')}>
                {text.addUser}
              </Button>
            }
          >
            <Table label={text.users} columns={COLUMNS} rows={list} rowKey={(user) => String(user.id)} onOpen={setEdited} />
          </Card>
          {edited !== null && <UserDialog user={edited === 'new' ? null : edited} onClose={() => setEdited(null)} />}
        </>
      )}
    </QueryView>
  );
}

const COLUMNS: readonly Column<User>[] = [
  { key: 'username', head: text.columns.username, cell: (user) => <b className={css.medium}>{user.username}</b> },
  { key: 'name', head: text.columns.name, cell: (user) => `${user.first_name} ${user.last_name}`.trim() || DASH },
  {
    key: 'roles',
    head: text.columns.roles,
    cell: (user) => (
      <span className={css.chips}>
        {knownRoles(user.roles).map((role) => (
          <Chip key={role}>{text.roles[role]}</Chip>
        ))}
      </span>
    ),
  },
  {
    key: 'state',
    head: text.columns.state,
    cell: (user) => (user.is_active ? <Chip tone="ok">{text.isActive}</Chip> : <Chip tone="bad">{text.isBarred}</Chip>),
  },
];
