import { expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { runInShell, shellWord } from '../../../src/cli/shell.js';

it('says in what way a command has failed', async () => {
  expect(await runInShell('true')).toBeUndefined();
  expect(await runInShell('exit 3')).toBe('exit code 3');
  expect(await runInShell('kill -KILL $$')).toBe('ended by SIGKILL');
});

it('gives it an environment and an input', async () => {
  const env = { BENDER_WORD: 'word', HOME: undefined };
  const command = 'read line; test "$BENDER_WORD $line ${HOME-unset}" = "word given unset"';
  expect(await runInShell(command, { env, input: 'given\n' })).toBeUndefined();
});

it('ends a command that takes too long, with all that it has started', async () => {
  const mark = `31.${process.pid}`;
  expect(await runInShell(`sleep ${mark} & sleep ${mark}; true`, { timeoutMs: 100 })).toBe('took longer than 100 ms');
  const sleeping = (): boolean => execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).includes(`sleep ${mark}`);
  while (sleeping()) await new Promise(setImmediate);
});

it.each(['plain', 'two words', "it's", '$HOME `id` "x" \\'])('makes one word of %j', (text) => {
  const printed = execFileSync('sh', ['-c', `printf %s ${shellWord(text)}`], { encoding: 'utf8' });
  expect(printed).toBe(text);
});

it('runs with a variable that has a NUL, which others may have put there', async () => {
  const env = { ODD: 'a\u0000b' };
  expect(await runInShell('test "$ODD" = ab', { env })).toBeUndefined();
});

it('hands it no token', async () => {
  process.env.BENDER_TOKEN = 'secret';
  try {
    expect(
      await runInShell('test "${BENDER_TOKEN-unset} $BENDER_WORD" = "unset word"', {
        env: { BENDER_WORD: 'word' },
      }),
    ).toBeUndefined();
  } finally {
    delete process.env.BENDER_TOKEN;
  }
});
