/** The little Markdown a model card is written in. Parsed to blocks, never to HTML: a card is foreign text. */
export type Block =
  | { kind: 'heading'; level: number; text: string }
  | { kind: 'paragraph'; text: string }
  | { kind: 'list'; items: string[] }
  | { kind: 'table'; head: string[]; rows: string[][] }
  | { kind: 'code'; text: string };

export type Span = { kind: 'text' | 'strong' | 'code'; text: string };

const cells = (line: string): string[] =>
  line
    .trim()
    .replace(/^\||\|$/g, '')
    .split('|')
    .map((cell) => cell.trim());

const isRule = (line: string): boolean => /^\s*\|?[\s:|-]*-[\s:|-]*\|?\s*$/.test(line) && line.includes('-');
const isItem = (line: string): boolean => /^\s*[-*] /.test(line);
const isHeading = (line: string): boolean => /^#{1,6} /.test(line);
const isFence = (line: string): boolean => line.startsWith('```');

/** Blocks in order. What is none of ours becomes a paragraph: no text is lost. */
export function parseMarkdown(source: string): Block[] {
  const lines = source.replaceAll('\r\n', '\n').split('\n');
  const blocks: Block[] = [];
  let at = 0;
  const takeWhile = (test: (line: string) => boolean): string[] => {
    const taken: string[] = [];
    for (let line = lines[at]; line !== undefined && test(line); line = lines[at]) {
      taken.push(line);
      at += 1;
    }
    return taken;
  };
  while (at < lines.length) {
    const line = lines[at] ?? '';
    const after = lines[at + 1];
    if (line.trim() === '') {
      at += 1;
    } else if (isFence(line)) {
      at += 1;
      blocks.push({ kind: 'code', text: takeWhile((one) => !isFence(one)).join('\n') });
      at += 1;
    } else if (isHeading(line)) {
      at += 1;
      blocks.push({ kind: 'heading', level: line.indexOf(' '), text: line.replace(/^#+ /, '') });
    } else if (line.includes('|') && after !== undefined && isRule(after)) {
      at += 2;
      blocks.push({ kind: 'table', head: cells(line), rows: takeWhile((one) => one.includes('|')).map(cells) });
    } else if (isItem(line)) {
      blocks.push({ kind: 'list', items: listItems(takeWhile((one) => isItem(one) || /^\s+\S/.test(one))) });
    } else {
      const first = takeWhile((one) => one === line);
      const rest = takeWhile((one) => one.trim() !== '' && !isHeading(one) && !isItem(one) && !isFence(one));
      blocks.push({ kind: 'paragraph', text: [...first, ...rest].join(' ') });
    }
  }
  return blocks;
}

/** Lines that go on an item, indented, are joined to it. */
function listItems(lines: readonly string[]): string[] {
  const items: string[] = [];
  for (const line of lines) {
    if (isItem(line)) items.push(line.replace(/^\s*[-*] /, ''));
    else items.push(`${items.pop() ?? ''} ${line.trim()}`);
  }
  return items;
}

/** `code` and **strong** inside a line. */
export function parseSpans(line: string): Span[] {
  return line
    .split(/(\*\*[^*]+\*\*|`[^`]+`)/)
    .filter((part) => part !== '')
    .map((part): Span => {
      if (part.startsWith('**') && part.endsWith('**') && part.length > 4) return { kind: 'strong', text: part.slice(2, -2) };
      if (part.startsWith('`') && part.endsWith('`') && part.length > 2) return { kind: 'code', text: part.slice(1, -1) };
      return { kind: 'text', text: part };
    });
}
