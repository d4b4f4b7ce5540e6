import { useState } from 'react';

import { TextField } from '../../../ui/Field';
import { text } from './text';

interface NumberFieldProps {
  label: string;
  hint?: string;
  value: number | null;
  min?: number;
  max?: number;
  /** Whole numbers only. */
  whole?: boolean;
  /** May stay empty. */
  optional?: boolean;
  onChange: (value: number | null) => void;
}

/** A number as it is typed: what is not one is said at the field and never sent. */
export function NumberField({ label, hint, value, min = -Infinity, max = Infinity, whole = false, optional = false, onChange }: NumberFieldProps) {
  const [written, setWritten] = useState<string | null>(null);
  const shown = written ?? (value === null ? '' : String(value));
  const number = shown.trim() === '' ? null : Number(shown);
  const wrong = number === null ? !optional : !Number.isFinite(number) || number < min || number > max || (whole && !Number.isInteger(number));
  const take = (next: string) => {
    setWritten(next);
    const given = next.trim() === '' ? null : Number(next);
    if (given === null ? optional : Number.isFinite(given) && given >= min && given <= max && (!whole || Number.isInteger(given))) onChange(given);
  };
  return (
    <TextField
      label={label}
      hint={hint}
      inputMode={whole ? 'numeric' : 'decimal'}
      complaint={wrong ? text.wrongNumber(min, max, whole) : undefined}
      value={shown}
      onChange={(event) => take(event.target.value)}
      onBlur={() => !wrong && setWritten(null)}
    />
  );
}
