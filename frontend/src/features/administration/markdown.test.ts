import { describe, expect, it } from 'vitest';

import { parseMarkdown, parseSpans } from './markdown';

describe('a model card', () => {
  it('is read as headings, paragraphs, lists, tables and code', () => {
    const source = '# Title\n\nTwo lines\nof one paragraph.\n\n- one\n- two\n  goes on\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n```\nmake # not a title\n```\nend';
    expect(parseMarkdown(source)).toEqual([
      { kind: 'heading', level: 1, text: 'Title' },
      { kind: 'paragraph', text: 'Two lines of one paragraph.' },
      { kind: 'list', items: ['one', 'two goes on'] },
      { kind: 'table', head: ['a', 'b'], rows: [['1', '2']] },
      { kind: 'code', text: 'make # not a title' },
      { kind: 'paragraph', text: 'end' },
    ]);
  });

  it('ends, whatever it is made of', () => {
    expect(parseMarkdown('same\nsame\nsame')).toEqual([{ kind: 'paragraph', text: 'same same same' }]);
    expect(parseMarkdown('```\nnever closed')).toEqual([{ kind: 'code', text: 'never closed' }]);
    expect(parseMarkdown('| a | b |')).toEqual([{ kind: 'paragraph', text: '| a | b |' }]);
    expect(parseMarkdown('\n\n')).toEqual([]);
  });

  it('never becomes markup of the page', () => {
    expect(parseMarkdown('<script>alert(1)</script>')).toEqual([{ kind: 'paragraph', text: '<script>alert(1)</script>' }]);
  });

  it('knows strong words and code inside a line', () => {
    expect(parseSpans('a **b** `c` 2 * 3')).toEqual([
      { kind: 'text', text: 'a ' },
      { kind: 'strong', text: 'b' },
      { kind: 'text', text: ' ' },
      { kind: 'code', text: 'c' },
      { kind: 'text', text: ' 2 * 3' },
    ]);
  });
});
