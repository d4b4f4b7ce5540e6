import { useState } from 'react';

import { useCreateUser, useUpdateUser } from '../../api/endpoints/users';
import { fieldErrors } from '../../api/errors';
import { knownRoles } from '../../api/roles';
import type { Role, User } from '../../api/types';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { Check, TextField } from '../../ui/Field';
import { ErrorNote } from '../../ui/Note';
import { useToast } from '../../ui/Toast';
import css from './administration.module.css';
import { text } from './text';

const ROLES: readonly Role[] = ['reader', 'coordinator', 'data_manager', 'administrator'];

interface Form {
  username: string;
  first_name: string;
  last_name: string;
  password: string;
  roles: Role[];
  is_active: boolean;
}

function formOf(user: User | null): Form {
  return {
    username: user?.username ?? '',
    first_name: user?.first_name ?? '',
    last_name: user?.last_name ?? '',
    password: '',
    roles: user ? knownRoles(user.roles) : ['reader'],
    is_active: user?.is_active ?? true,
  };
}

/** Adds a user, or changes one: roles, password, whether they may sign in. */
export function UserDialog({ user, onClose }: { user: User | null; onClose: () => void }) {
  const [form, setForm] = useState(() => formOf(user));
  const create = useCreateUser();
  const update = useUpdateUser();
  const say = useToast();
  const saving = user ? update : create;
  const ready = form.username.trim() !== '' && (user !== null || form.password !== '');
  const change = (part: Partial<Form>) => setForm((old) => ({ ...old, ...part }));
  const done = {
    onSuccess: () => {
      say(text.saved, 'ok');
      onClose();
    },
  };
  const submit = () => {
    const { username, password, is_active, ...rest } = form;
    if (!ready) return;
    if (user) update.mutate({ id: user.id, change: { ...rest, is_active, ...(password ? { password } : {}) } }, done);
    else create.mutate({ username: username.trim(), password, ...rest }, done);
  };
  return (
    <Dialog
      title={user ? text.editTitle(user.username) : text.addTitle}
      onClose={onClose}
      onSubmit={submit}
      actions={
        <Button type="submit" tone="primary" busy={saving.isPending} disabled={!ready}>
          {text.save}
        </Button>
      }
    >
      <Fields user={user} form={form} wrong={fieldErrors(saving.error)} onChange={change} />
      {saving.isError && <ErrorNote title={text.userFailed} error={saving.error} />}
    </Dialog>
  );
}

interface FieldsProps {
  user: User | null;
  form: Form;
  wrong: Readonly<Record<string, string>>;
  onChange: (part: Partial<Form>) => void;
}

function Fields({ user, form, wrong, onChange }: FieldsProps) {
  const toggle = (role: Role) =>
    onChange({ roles: form.roles.includes(role) ? form.roles.filter((one) => one !== role) : [...form.roles, role] });
  return (
    <>
      {user === null && (
        <TextField label={text.username} required autoFocus value={form.username} complaint={wrong['username']} onChange={(event) => onChange({ username: event.target.value })} />
      )}
      <div className={css.two}>
        <TextField label={text.firstName} value={form.first_name} complaint={wrong['first_name']} onChange={(event) => onChange({ first_name: event.target.value })} />
        <TextField label={text.lastName} value={form.last_name} complaint={wrong['last_name']} onChange={(event) => onChange({ last_name: event.target.value })} />
      </div>
      <TextField
        label={user ? text.newPassword : text.password}
        hint={user ? text.newPasswordHint : text.passwordHint}
        type="password"
        autoComplete="new-password"
        value={form.password}
        complaint={wrong['password']}
        onChange={(event) => onChange({ password: event.target.value })}
      />
      <fieldset className={css.roles}>
        <legend>{text.rolesTitle}</legend>
        {ROLES.map((role) => (
          <Check key={role} checked={form.roles.includes(role)} onChange={() => toggle(role)}>
            {text.roles[role]} <span className={css.quiet}>{text.rolesDo[role]}</span>
          </Check>
        ))}
      </fieldset>
      {user && (
        <Check checked={form.is_active} onChange={(event) => onChange({ is_active: event.target.checked })}>
          {text.active}
        </Check>
      )}
    </>
  );
}
