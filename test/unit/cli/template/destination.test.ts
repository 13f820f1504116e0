import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { chmod, lstat, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Destination } from '../../../../src/cli/template/destination.js';
import type { DestinationOptions } from '../../../../src/cli/template/destination.js';
import type { Lasting } from '../../../../src/cli/template/known.js';
import { registrationOf } from '../../../helpers/catalog.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bender-destination-'));
});
afterEach(() => rm(folder, { recursive: true }));

const known: Lasting = { frontends: [], backends: [], registrations: [registrationOf('web/1/h/80')] };
const at = (name: string): string => join(folder, name);
const content = (name = 'file'): Promise<string> => readFile(at(name), 'utf8');
const tidy = async (): Promise<string[]> => (await readdir(folder)).filter((name) => name.endsWith('.tmp'));

async function destination(options: Partial<DestinationOptions> = {}): Promise<Destination> {
  const opened = new Destination({ dest: at('file'), ...options });
  await opened.recall();
  return opened;
}

/** A command that notes each of its runs, with what the file says then. */
const noting = (end = ''): string => `cat '${at('file')}' >> '${at('runs')}'; ${end}`;

it('writes a file, and runs the command when the content has changed, not otherwise', async () => {
  const file = await destination({ exec: noting() });
  expect(await file.put('one\n', known)).toBe(true);
  expect(await file.put('one\n', known)).toBe(false);
  expect(await file.put('two\n', known)).toBe(true);
  expect(await content()).toBe('two\n');
  expect(await content('runs')).toBe('one\ntwo\n');
  expect(await tidy()).toEqual([]);
});

it('keeps the mode of the file, and the symbolic link that leads to it', async () => {
  await writeFile(at('real'), 'old');
  await chmod(at('real'), 0o640);
  await symlink('real', at('file'));
  await (await destination()).put('new', known);
  expect(await content('real')).toBe('new');
  expect((await stat(at('real'))).mode & 0o777).toBe(0o640);
  expect((await lstat(at('file'))).isSymbolicLink()).toBe(true);
});

// Nobody else may give a file to another user.
const isRoot = process.getuid?.() === 0;
(isRoot ? it : it.skip)('keeps the owner of the file', async () => {
  const { chown } = await import('node:fs/promises');
  await writeFile(at('file'), 'old');
  await chown(at('file'), 12_345, 12_346);
  await (await destination()).put('new', known);
  expect(await stat(at('file'))).toMatchObject({ uid: 12_345, gid: 12_346 });
});

it('shows the check the new file, beside the old one, and leaves the old one where it says no', async () => {
  await writeFile(at('file'), 'old');
  const file = await destination({ check: `grep -q good {}`, exec: noting() });
  await expect(file.put('bad', known)).rejects.toThrow('the check says no (grep -q good {}: exit code 1)');
  expect(await content()).toBe('old');
  await expect(content('runs')).rejects.toThrow('ENOENT');
  expect(await tidy()).toEqual([]);
  expect(await file.put('good', known)).toBe(true);
  expect(await content('runs')).toBe('good');
});

it('checks a file whose name the shell would take apart', async () => {
  const file = new Destination({ dest: at("it's $HOME;x$&"), check: 'test -s {}' });
  expect(await file.put('new', known)).toBe(true);
  expect(await content("it's $HOME;x$&")).toBe('new');
});

it('says what a check that fails has said last, of the file that was to be written', async () => {
  const file = await destination({
    check: 'for n in 1 2 3 4 5; do echo "line $n"; done; echo "{}: no" >&2; exit 1',
  });
  const failure = (await file.put('bad', known).catch((error: unknown) => error)) as Error;
  expect(failure.message.slice(failure.message.indexOf('exit code 1)'))).toBe(
    `exit code 1): line 3; line 4; line 5; '${at('file')}': no`,
  );
});

it('puts the old file back where the command fails, and tries it again', async () => {
  await writeFile(at('file'), 'old,');
  const file = await destination({ exec: noting(`test -e '${at('mended')}'`) });
  await expect(file.put('new,', known)).rejects.toThrow(/^the command failed \(.*: exit code 1\)$/);
  expect(await content()).toBe('old,');
  await writeFile(at('mended'), '');
  expect(await file.put('new,', known)).toBe(true);
  expect(await content('runs')).toBe('new,new,');
});

it('leaves no new file where the command fails', async () => {
  const file = await destination({ exec: 'false' });
  await expect(file.put('new', known)).rejects.toThrow('the command failed (false: exit code 1)');
  await expect(content()).rejects.toThrow('ENOENT');
});

it('remembers what it was rendered from', async () => {
  const file = await destination();
  expect(file.known).toBeUndefined();
  await file.put('one', known);
  expect(file.known).toEqual(known);
  expect((await destination()).known).toEqual(known);
  expect((await stat(at('.file.bender.json'))).mode & 0o777).toBe(0o600);
});

it('runs the command that a process before has not come to, and no other', async () => {
  const file = await destination({ exec: noting() });
  await file.put('one\n', known);
  await (await destination({ exec: noting() })).put('one\n', known);
  expect(await content('runs')).toBe('one\n');
  // It had replaced the file, and then ended.
  await writeFile(at('file'), 'two\n');
  expect(await (await destination({ exec: noting() })).put('two\n', known)).toBe(false);
  expect(await content('runs')).toBe('one\ntwo\n');
});

it('takes a file that was there before it as it is', async () => {
  await writeFile(at('file'), 'same');
  expect(await (await destination({ exec: noting() })).put('same', known)).toBe(false);
  await expect(content('runs')).rejects.toThrow('ENOENT');
});

it('does not guess what a memory says that it has not written', async () => {
  await writeFile(at('.file.bender.json'), '{"format": 1');
  await expect(destination()).rejects.toThrow('.file.bender.json is not what bender has written');
});

it('refuses what is no regular file, by the name that was given', async () => {
  execFileSync('mkfifo', [at('pipe')]);
  await symlink(at('pipe'), at('link'));
  const file = await destination({ dest: at('link') });
  await expect(file.put('one\n', known)).rejects.toThrow(
    `cannot write ${at('link')}: it is no regular file (--dry-run prints to stdout)`,
  );
});
