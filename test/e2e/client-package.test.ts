/** bender-client, packed as it is published and installed into an empty project. */

import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { satisfies } from 'semver';
import { startDaemon, stopDaemons } from '../helpers/daemon.js';

const root = join(import.meta.dirname, '../..');
const modules = join(root, 'node_modules');
let project: string;
let packed: { unpackedSize: number; files: { path: string }[] };

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'bender-client-'));
  const { stdout } = await execa('npm', ['pack', '--json', '--pack-destination', project], {
    cwd: join(root, 'packages/client'),
  });
  const [tarball] = JSON.parse(stdout) as [typeof packed & { filename: string }];
  packed = tarball;
  const installed = join(project, 'node_modules/bender-client');
  await mkdir(installed, { recursive: true });
  await execa('tar', ['-xzf', tarball.filename, '--strip-components=1', '-C', installed], { cwd: project });
  // Its one dependency, without asking a registry.
  await cp(join(modules, 'eventsource-parser'), join(project, 'node_modules/eventsource-parser'), {
    recursive: true,
  });
  await writeFile(join(project, 'package.json'), '{ "type": "module" }');
});

afterAll(async () => {
  await stopDaemons();
  await rm(project, { recursive: true, force: true });
});

it('takes less than a megabyte, with source maps, and brings no server', () => {
  expect(packed.unpackedSize).toBeLessThan(1e6);
  const paths = packed.files.map(({ path }) => path);
  expect(paths).toContain('README.md');
  expect(paths).toContain('dist/client/index.js.map');
  expect(paths.filter((path) => /daemon\/|crdt/.test(path))).toEqual([]);
});

it('works and has types in a TypeScript project of its own', async () => {
  await writeFile(
    join(project, 'try.ts'),
    `import { Client, type Registration } from 'bender-client';
     const client = new Client({ servers: [process.argv[2] as string] });
     const lease = client.hold({ app: 'web', version: '1.2.0', host: '10.0.0.7', port: 8080 });
     await lease.ready;
     const found: Registration[] = await client.registrations({ app: 'web', version: '^1.0.0' });
     console.log(found.map(({ id }) => id).join());
     // @ts-expect-error: an app is text
     void client.registrations({ app: 7 });
     await lease.stop();`,
  );
  const options = ['--strict', '--target', 'es2022', '--module', 'nodenext', '--skipLibCheck'];
  const types = ['--typeRoots', join(modules, '@types'), '--types', 'node'];
  await execa(join(modules, '.bin/tsc'), ['try.ts', ...options, ...types], { cwd: project });
  const { url } = await startDaemon();
  const { stdout } = await execa(process.execPath, ['try.js', url], { cwd: project });
  expect(stdout).toBe('web/1.2.0/10.0.0.7/8080');
});

// Earlier versions of Node cannot require ES modules.
const requiresModules = satisfies(process.versions.node, '^20.19.0 || >=22.12.0');
(requiresModules ? it : it.skip)('is loaded by CommonJS on Node 20.19, 22.12 and later', async () => {
  await writeFile(join(project, 'try.cjs'), `console.log(typeof require('bender-client').Client);`);
  const { stdout } = await execa(process.execPath, ['try.cjs'], { cwd: project });
  expect(stdout).toBe('function');
});
