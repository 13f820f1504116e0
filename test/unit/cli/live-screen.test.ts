import { expect, it } from '@jest/globals';
import { LiveScreen } from '../../../src/cli/live-screen.js';

const open = (terminal: { rows?: number } | undefined) => {
  const written: string[] = [];
  const output = {
    isTTY: terminal !== undefined,
    rows: terminal?.rows ?? 24,
    writableNeedDrain: false,
    write: (text: string) => written.push(text) > 0,
  };
  return { screen: new LiveScreen(output), output, written };
};

it('writes one text after the other where there is no terminal, each once', () => {
  const { screen, written } = open(undefined);
  for (const text of ['a', 'a', 'b']) screen.show('title', text);
  screen.close();
  expect(written).toEqual(['a\n', '\nb\n']);
});

it('writes over what was there at a terminal, and leaves nothing behind', () => {
  const { screen, written } = open({});
  screen.show('first', 'one\ntwo');
  screen.show('second', 'one');
  screen.close();
  expect(written).toEqual([
    '\u001b[?1049h\u001b[?25l\u001b[Hfirst\u001b[K\n\u001b[K\none\u001b[K\ntwo\u001b[K\n\u001b[J',
    '\u001b[Hsecond\u001b[K\n\u001b[K\none\u001b[K\n\u001b[J',
    '\u001b[?25h\u001b[?1049l',
  ]);
});

it('shows as much as fits, and says how much does not', () => {
  const { screen, written } = open({ rows: 6 });
  screen.show('title', ['1', '2', '3'].join('\n'));
  screen.show('title', ['1', '2', '3', '4', '5'].join('\n'));
  const lines = written.map((text) => text.split('\u001b[K\n').slice(2, -1));
  expect(lines).toEqual([
    ['1', '2', '3'],
    ['1', '2', '… and 3 more'],
  ]);
});

it('writes nothing while nobody reads', () => {
  const { screen, output, written } = open(undefined);
  output.writableNeedDrain = true;
  screen.show('title', 'a');
  expect(written).toEqual([]);
});
