import { type KeyboardEvent, useState } from 'react';

import { useStateOf } from '../Panes';
import type { ReadingSession } from '../session';
import type { LesionRow } from '../state';
import { joinSite, search, type Side, SIDES, type Site, siteName, splitSite, useCodes } from './codes';
import { Choice, Row } from './controls';
import css from './tools.module.css';
import { TOOL_TEXT } from './text';

const TEXT = TOOL_TEXT.describe;

/** Site and comment of the selected lesion; each is one edit, taken back like any other. */
export function DescribePanel({ session }: { session: ReadingSession }) {
  const row = useStateOf(session, (s) => s.rows.find((one) => one.label === s.selected && one.status !== 'deleted'));
  if (row === undefined) return <p className={css.muted}>{TEXT.none}</p>;
  return <Describe key={row.label} session={session} row={row} />;
}

function Describe({ session, row }: { session: ReadingSession; row: LesionRow }) {
  const sites = useCodes()?.sites ?? [];
  const give = (site: string): void => session.tools.all?.describe.describe(row.label, { site });
  const [name, side] = splitSite(row.site);
  const known = sites.find((one) => one.key === name);
  return (
    <>
      <div className={css.line}>
        <span>
          {TEXT.title(row.label)}: <b data-testid="site-name">{row.site ? siteName(row.site, sites) : TEXT.noSite}</b>
        </span>
        {row.site && (
          <Choice id="site-none" on={false} onClick={() => give('')}>
            {TEXT.noSite}
          </Choice>
        )}
      </div>
      <SiteSearch sites={sites} chosen={name} onChoose={(site) => give(joinSite(site, side))} />
      {known?.paired && (
        <Row>
          {SIDES.map((one: Side) => (
            <Choice key={one} id={`side-${one}`} on={side === one} onClick={() => give(joinSite(known, one))}>
              {TEXT.sides[one]}
            </Choice>
          ))}
        </Row>
      )}
      <Comment session={session} row={row} />
    </>
  );
}

/** Type, arrow to the site, Enter. The field has the focus as soon as the tool is taken up. */
function SiteSearch({ sites, chosen, onChoose }: { sites: readonly Site[]; chosen: string; onChoose: (site: Site) => void }) {
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const found = search(sites, typed).slice(0, 40);
  const choose = (site: Site | undefined): void => {
    if (site === undefined) return;
    onChoose(site);
    setTyped('');
    setAt(0);
  };
  const onKey = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (event.key === 'ArrowDown') setAt(Math.min(found.length - 1, at + 1));
    else if (event.key === 'ArrowUp') setAt(Math.max(0, at - 1));
    else if (event.key === 'Enter') choose(found[at]);
    else if (event.key === 'Escape') event.currentTarget.blur();
    else return;
    event.preventDefault();
  };
  return (
    <>
      <input
        className={css.text}
        type="text"
        role="combobox"
        aria-expanded={typed !== ''}
        aria-controls="site-options"
        aria-label={TEXT.search}
        placeholder={TEXT.search}
        data-testid="site-search"
        autoFocus
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKey}
      />
      {typed !== '' && (
        <ul className={css.options} id="site-options" role="listbox" data-testid="site-options">
          {found.length === 0 && <li aria-disabled="true">{TEXT.nothing}</li>}
          {found.map((site, n) => (
            <li key={site.key} role="option" aria-selected={n === at} data-chosen={site.key === chosen} onMouseDown={(event) => event.preventDefault()} onClick={() => choose(site)}>
              {site.label}
              <small>{site.group_label}</small>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** Kept when the field is left, or by Ctrl + Enter. */
function Comment({ session, row }: { session: ReadingSession; row: LesionRow }) {
  const [typed, setTyped] = useState<string | null>(null);
  const keep = (): void => {
    if (typed !== null) session.tools.all?.describe.describe(row.label, { comment: typed.trim() });
    setTyped(null);
  };
  return (
    <Row>
      <textarea
        className={css.text}
        aria-label={TEXT.comment}
        placeholder={TEXT.comment}
        data-testid="lesion-comment"
        maxLength={2000}
        value={typed ?? row.comment}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={keep}
        onKeyDown={(event) => {
          if (event.key === 'Escape') {
            setTyped(null);
            event.currentTarget.blur();
          } else if (event.key === 'Enter' && event.ctrlKey) event.currentTarget.blur();
        }}
      />
    </Row>
  );
}
