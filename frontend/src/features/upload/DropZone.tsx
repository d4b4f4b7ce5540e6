import { type ChangeEvent, type DragEvent, useRef, useState } from 'react';

import type { NamedFile } from '../../api/endpoints/imports';
import { Button } from '../../ui/Button';
import { text } from './text';
import css from './upload.module.css';
import { chosenFiles, takeDropped } from './walk';

interface DropZoneProps {
  disabled: boolean;
  onFiles: (find: () => Promise<NamedFile[]> | NamedFile[]) => void;
}

export function DropZone({ disabled, onFiles }: DropZoneProps) {
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    if (disabled) return;
    onFiles(takeDropped(event.dataTransfer));
  };
  const mayDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(!disabled);
  };
  return (
    <section className={css.drop} data-over={over} onDragOver={mayDrop} onDragLeave={() => setOver(false)} onDrop={drop} aria-label={text.dropTitle}>
      <svg width="56" height="56" viewBox="0 0 56 56" fill="none" stroke="currentColor" strokeWidth="1.6" aria-hidden="true">
        <path d="M8 20v22a4 4 0 0 0 4 4h32a4 4 0 0 0 4-4V20a4 4 0 0 0-4-4H29l-5-6H12a4 4 0 0 0-4 4Z" />
        <path d="M28 38V24m-6 6 6-6 6 6" strokeLinecap="round" strokeLinejoin="round" />
      </svg>
      <h3>{text.dropTitle}</h3>
      <p>{text.dropHint}</p>
      <div className={css.choose}>
        <Picker label={text.chooseFolder} folder disabled={disabled} onFiles={onFiles} />
        <Picker label={text.chooseFiles} disabled={disabled} onFiles={onFiles} />
      </div>
    </section>
  );
}

function Picker({ label, folder = false, disabled, onFiles }: DropZoneProps & { label: string; folder?: boolean }) {
  const input = useRef<HTMLInputElement>(null);
  const change = (event: ChangeEvent<HTMLInputElement>) => {
    const files = chosenFiles(event.target.files);
    // The same folder may be chosen again after an error.
    event.target.value = '';
    onFiles(() => files);
  };
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label={label}
        data-folder={folder}
        onChange={change}
        {...(folder ? { webkitdirectory: '' } : {})}
      />
      <Button disabled={disabled} onClick={() => input.current?.click()}>
        {label}
      </Button>
    </>
  );
}
