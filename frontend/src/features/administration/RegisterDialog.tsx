import { useState } from 'react';

import { useRegisterRelease } from '../../api/endpoints/releases';
import { fieldErrors } from '../../api/errors';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { TextField } from '../../ui/Field';
import { ErrorNote } from '../../ui/Note';
import { text } from './text';

interface RegisterDialogProps {
  onClose: () => void;
  onRegistered: (id: string) => void;
}

export function RegisterDialog({ onClose, onRegistered }: RegisterDialogProps) {
  const register = useRegisterRelease();
  const [name, setName] = useState('');
  const [folder, setFolder] = useState('');
  const wrong = fieldErrors(register.error);
  const ready = name.trim() !== '' && folder.trim() !== '';
  const submit = () => {
    if (!ready) return;
    register.mutate(
      { name: name.trim(), folder: folder.trim() },
      {
        onSuccess: (release) => {
          onRegistered(release.id);
          onClose();
        },
      },
    );
  };
  return (
    <Dialog
      title={text.registerTitle}
      onClose={onClose}
      onSubmit={submit}
      actions={
        <Button type="submit" tone="primary" busy={register.isPending} disabled={!ready}>
          {text.registerButton}
        </Button>
      }
    >
      <p>{text.registerHint}</p>
      <TextField label={text.releaseName} required autoFocus value={name} complaint={wrong['name']} onChange={(event) => setName(event.target.value)} />
      <TextField label={text.folder} hint={text.folderHint} required value={folder} complaint={wrong['folder']} onChange={(event) => setFolder(event.target.value)} />
      {register.isError && <ErrorNote title={text.registerFailed} error={register.error} />}
    </Dialog>
  );
}
