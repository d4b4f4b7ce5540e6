import { Card } from '../../../ui/Card';
import { TextArea, TextField } from '../../../ui/Field';
import css from './design.module.css';
import { text } from './text';
import type { DesignEditor } from './useDesign';

export function BasicsCard({ editor }: { editor: DesignEditor }) {
  const { name, description, change } = editor;
  return (
    <Card title={text.basics}>
      <div className={css.two}>
        <TextField label={text.name} value={name} onChange={(event) => change({ planName: event.target.value })} />
        <TextArea label={text.description} rows={2} value={description} onChange={(event) => change({ description: event.target.value })} />
      </div>
    </Card>
  );
}
