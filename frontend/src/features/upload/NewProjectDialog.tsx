import { useState } from 'react';

import { useCreateProject } from '../../api/endpoints/projects';
import { fieldErrors } from '../../api/errors';
import type { Project } from '../../api/types';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { SelectField, TextField } from '../../ui/Field';
import { ErrorNote } from '../../ui/Note';
import { text } from './text';

interface NewProjectDialogProps {
  onClose: () => void;
  onCreated: (id: string) => void;
}

export function NewProjectDialog({ onClose, onCreated }: NewProjectDialogProps) {
  const create = useCreateProject();
  const [name, setName] = useState('');
  const [prefix, setPrefix] = useState('PT');
  const [deidentification, setDeidentification] = useState<Project['deidentification']>('basic');
  const wrong = fieldErrors(create.error);
  const ready = name.trim() !== '' && prefix.trim() !== '';
  const submit = () => {
    if (!ready) return;
    create.mutate(
      { name: name.trim(), pseudonym_prefix: prefix.trim(), deidentification },
      {
        onSuccess: (project) => {
          onCreated(project.id);
          onClose();
        },
      },
    );
  };
  return (
    <Dialog
      title={text.newProject}
      onClose={onClose}
      onSubmit={submit}
      actions={
        <Button type="submit" tone="primary" busy={create.isPending} disabled={!ready}>
          {text.create}
        </Button>
      }
    >
      <TextField label={text.projectName} required autoFocus value={name} complaint={wrong['name']} onChange={(event) => setName(event.target.value)} />
      <TextField
        label={text.prefix}
        hint={text.prefixHint}
        required
        value={prefix}
        complaint={wrong['pseudonym_prefix']}
        onChange={(event) => setPrefix(event.target.value.toUpperCase())}
      />
      <SelectField
        label={text.deidentification}
        hint={text.deidentificationHint}
        value={deidentification}
        onChange={(event) => setDeidentification(event.target.value === 'none' ? 'none' : 'basic')}
      >
        {Object.entries(text.deidentifications).map(([key, label]) => (
          <option key={key} value={key}>
            {label}
          </option>
        ))}
      </SelectField>
      {create.isError && <ErrorNote title={text.createFailed} error={create.error} />}
    </Dialog>
  );
}
