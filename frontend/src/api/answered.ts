/**
 * What an answer really holds: every field. The schema marks fields with a default as optional, because a
 * request may leave them out; an answer never does. (The one exception is named in types.ts.)
 */
export type Answered<T> = T extends (infer Item)[]
  ? Answered<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]-?: Answered<Exclude<T[Key], undefined>> }
    : T;
