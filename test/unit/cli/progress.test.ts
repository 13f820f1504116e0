import { expect, it } from '@jest/globals';
import { Progress } from '../../../src/cli/progress.js';

function progressOn(isTTY: boolean) {
  let written = '';
  const progress = new Progress({ isTTY, write: (text) => Boolean((written += String(text))) });
  return { progress, written: () => written };
}

it('is a line for each change where nobody looks', () => {
  const { progress, written } = progressOn(false);
  for (const text of ['0 of 2', '0 of 2', '1 of 2']) progress.tell(text);
  progress.end();
  expect(written()).toBe('0 of 2\n1 of 2\n');
});

it('is one line on a terminal, written over', () => {
  const { progress, written } = progressOn(true);
  for (const text of ['0 of 2', '1 of 2']) progress.tell(text);
  progress.end();
  progress.end();
  expect(written()).toBe('\r\u001b[K0 of 2\r\u001b[K1 of 2\n');
});
