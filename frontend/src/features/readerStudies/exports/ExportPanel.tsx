import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { createStudyExport, studyExportsKey } from '../../../api/endpoints/studyExports';
import { Button } from '../../../ui/Button';
import { Card } from '../../../ui/Card';
import { Check } from '../../../ui/Field';
import { ErrorNote, Note } from '../../../ui/Note';
import { ExportHistory } from './ExportHistory';
import css from './exports.module.css';
import { text } from './text';
import { asked, FIRST_WISH, FORMATS, isComplete, mayExport, PARTS, toggled, type Wish } from './wish';

interface ExportPanelProps {
  readerStudyId: string;
  /** Results by arm are still hidden: the data are not locked and there are arms to compare. */
  masked: boolean;
}

/** Choose what to take home, follow how it is made, download it. */
export function ExportPanel({ readerStudyId, masked }: ExportPanelProps) {
  const [wish, setWish] = useState<Wish>(FIRST_WISH);
  const cache = useQueryClient();
  const make = useMutation({
    mutationFn: () => createStudyExport(readerStudyId, asked(wish, masked)),
    onSettled: () => cache.invalidateQueries({ queryKey: studyExportsKey(readerStudyId) }),
  });
  const complete = isComplete(wish, masked);
  return (
    <div className={css.panel}>
      {masked && <Note tone="warn" title={text.maskedTitle}>{text.masked}</Note>}
      <Card title={text.title}>
        <div className={css.wish}>
          <Parts wish={wish} masked={masked} onChange={setWish} />
          <Formats wish={wish} onChange={setWish} />
        </div>
        <div className={css.foot}>
          <Button tone="primary" busy={make.isPending} disabled={!complete} onClick={() => make.mutate()}>
            {text.make}
          </Button>
          <span className={css.quiet}>{complete ? text.intro : text.chooseSomething}</span>
        </div>
      </Card>
      {make.isError && <ErrorNote title={text.makeFailed} error={make.error} />}
      <ExportHistory readerStudyId={readerStudyId} />
    </div>
  );
}

interface ChoiceProps {
  wish: Wish;
  onChange: (wish: Wish) => void;
}

function Parts({ wish, masked, onChange }: ChoiceProps & { masked: boolean }) {
  return (
    <fieldset className={css.group}>
      <legend>{text.parts}</legend>
      {PARTS.map((part) => (
        <div key={part} className={css.part}>
          <Check
            checked={wish.parts.includes(part) && mayExport(part, masked)}
            disabled={!mayExport(part, masked)}
            onChange={() => onChange({ ...wish, parts: toggled(wish.parts, part) })}
          >
            {text.partNames[part]}
          </Check>
          <span className={css.hint}>
            {text.partHints[part]}
            {!mayExport(part, masked) && ` (${text.afterLock})`}
          </span>
        </div>
      ))}
    </fieldset>
  );
}

function Formats({ wish, onChange }: ChoiceProps) {
  const off = !wish.parts.includes('tables');
  return (
    <fieldset className={css.group} disabled={off}>
      <legend>{text.formats}</legend>
      {FORMATS.map((format) => (
        <Check
          key={format}
          checked={wish.formats.includes(format)}
          disabled={off}
          onChange={() => onChange({ ...wish, formats: toggled(wish.formats, format) })}
        >
          {text.formatNames[format]}
        </Check>
      ))}
    </fieldset>
  );
}
