import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { chmod, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Log } from '../../../../../src/daemon/core/log.js';
import { TokenFile } from '../../../../../src/daemon/http/auth/token-file.js';
import { formatTokenLine } from '../../../../../src/model/tokens-file.js';
import { eventually } from '../../../../helpers/eventually.js';
import { logOf } from '../../../../helpers/log.js';
import { testToken } from '../../../../helpers/tokens.js';

const one = testToken({ role: 'read', name: 'one' });
const two = testToken({ role: 'read', name: 'two' });

let folder: string;
let path: string;
let file: TokenFile | undefined;
let logged: string[];
let log: Log;

beforeEach(async () => {
  logged = [];
  log = logOf(({ level, message }) => void logged.push(`${level}: ${message}`));
  folder = await mkdtemp(join(tmpdir(), 'bender-tokens-'));
  path = join(folder, 'tokens.jsonl');
  await writeFile(path, formatTokenLine(one.record), { mode: 0o600 });
});
afterEach(async () => {
  file?.close();
  await rm(folder, { recursive: true });
});

const knows = ({ token }: typeof one): boolean => typeof file!.tokens.find(`Bearer ${token}`) !== 'string';

it('takes what is added and removed while it runs, also where the file is replaced', async () => {
  file = await TokenFile.open(path, log);
  let changes = 0;
  file.onChange = () => changes++;
  expect([knows(one), knows(two)]).toEqual([true, false]);
  await writeFile(path, formatTokenLine(one.record) + formatTokenLine(two.record));
  await eventually(() => knows(two) && knows(one));
  await writeFile(`${path}.new`, formatTokenLine(two.record));
  await rename(`${path}.new`, path);
  await eventually(() => !knows(one) && knows(two));
  expect(changes).toBeGreaterThanOrEqual(2);
});

it('reads at once when it is told to', async () => {
  file = await TokenFile.open(path, log);
  await writeFile(path, formatTokenLine(two.record));
  await file.reload();
  expect([knows(one), knows(two)]).toEqual([false, true]);
});

it('goes on looking after a bug', async () => {
  file = await TokenFile.open(path, log);
  jest.spyOn(log, 'error').mockImplementationOnce(() => {
    throw new TypeError('a bug');
  });
  await writeFile(path, '{"id":"s3cret');
  await eventually(() => logged.some((line) => line.endsWith('because of a bug in bender')));
  await writeFile(path, formatTokenLine(two.record));
  await eventually(() => knows(two));
});

it('keeps the tokens while the file is damaged or gone, and says so once', async () => {
  file = await TokenFile.open(path, log);
  await writeFile(path, '{"id":"s3cret');
  await file.reload();
  await file.reload();
  await rm(path);
  await file.reload();
  expect(knows(one)).toBe(true);
  await writeFile(path, formatTokenLine(two.record));
  await file.reload();
  expect([knows(one), knows(two)]).toEqual([false, true]);
  expect(logged.filter((line) => line.startsWith('error'))).toHaveLength(2);
  expect(logged.at(-1)).toBe('info: the tokens file can be read again');
});

it('reads a file again that could not be read for a moment, also if it does not change any more', async () => {
  let failures = 0;
  const readText = async (from: string): Promise<string> => {
    if (failures-- > 0) throw Object.assign(new Error('too many open files'), { code: 'EMFILE' });
    return readFile(from, 'utf8');
  };
  file = await TokenFile.open(path, log, readText);
  await writeFile(path, formatTokenLine(two.record));
  failures = 1;
  await file.reload();
  expect(logged.at(-1)).toMatch(/^error: cannot read the tokens file/);
  await eventually(() => knows(two) && !knows(one));
});

it.each([
  ['a file that is not there', undefined, /cannot be read: ENOENT/],
  ['a damaged file', '# tokens\n\n{"id":"s3cret', /, line 3: this is not JSON$/],
])('does not start with %s', async (_, content, message) => {
  if (content === undefined) await rm(path);
  else await writeFile(path, content);
  await expect(TokenFile.open(path, log)).rejects.toThrow(message);
});

it('warns of a file that others may write', async () => {
  await chmod(path, 0o666);
  file = await TokenFile.open(path, log);
  expect(logged[0]).toMatch(/^warn: .* can be written by other users/);
});
