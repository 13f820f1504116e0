/** The description of the API passes the linter, with the rules of redocly.yaml. */

import { expect, it } from '@jest/globals';
import { execa } from 'execa';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { description } from '../../helpers/schemas.js';

const root = join(import.meta.dirname, '../../..');
const linter = join(dirname(createRequire(import.meta.url).resolve('@redocly/cli/package.json')), 'bin/cli.js');

async function lint(described: object) {
  const folder = await mkdtemp(join(tmpdir(), 'bender-openapi-'));
  const file = join(folder, 'openapi.json');
  await writeFile(file, JSON.stringify(described, null, 1));
  const args = [linter, 'lint', file, '--config', join(root, 'redocly.yaml')];
  const env = { REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  const { exitCode, all } = await execa(process.execPath, args, { reject: false, all: true, env, cwd: folder });
  await rm(folder, { recursive: true });
  return { exitCode, all };
}

it('finds nothing', async () => {
  const { exitCode, all } = await lint(description);
  expect(exitCode === 0 ? '' : all).toBe('');
});

it('finds what is wrong', async () => {
  const { exitCode, all } = await lint({
    ...description,
    tags: [{ name: 'Pages' }, { name: 'Pages' }],
    paths: { '/a': { get: {} } },
  });
  expect(exitCode).not.toBe(0);
  expect(all).toContain('operation');
});
