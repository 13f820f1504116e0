/** bender-client, packed as it is published and installed into an empty project. */

import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { satisfies } from 'semver';
import { Client } from '../../src/client/index.js';
import { startDaemon, stopDaemons } from '../helpers/daemon.js';

const root = join(import.meta.dirname, '../..');
const modules = join(root, 'node_modules');
/** A strict project for Node 20. TypeScript and the types of Node are those of bender. */
const tsconfig = {
  compilerOptions: {
    ...{ strict: true, target: 'es2022', module: 'nodenext', typeRoots: [join(modules, '@types')], types: ['node'] },
  },
  files: ['try.ts', 'required.cts', 'services.ts'],
};
// Earlier versions of Node cannot require ES modules.
const requiresModules = satisfies(process.versions.node, '^20.19.0 || >=22.12.0');
let project: string;
let packed: { files: { path: string }[] };

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'bender-client-'));
  const { stdout } = await execa('npm', ['pack', '--json', '--pack-destination', project], {
    cwd: join(root, 'packages/client'),
  });
  const [tarball] = JSON.parse(stdout) as [typeof packed & { filename: string }];
  packed = tarball;
  await writeFile(join(project, 'package.json'), '{ "type": "module" }');
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify(tsconfig));
  // Its one dependency comes from npm's cache, where installing bender has put it, or from the registry.
  const quiet = ['--prefer-offline', '--no-audit', '--no-fund'];
  await execa('npm', ['install', ...quiet, `./${tarball.filename}`], { cwd: project });
});

afterAll(async () => {
  await stopDaemons();
  await rm(project, { recursive: true, force: true });
});

it('takes less than a megabyte with all that it needs, has source maps, and brings no server', async () => {
  const installed = await readdir(join(project, 'node_modules'), { recursive: true, withFileTypes: true });
  const files = installed.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(file.parentPath, file.name))).size));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(1e6);
  const paths = packed.files.map(({ path }) => path);
  expect(paths).toContain('README.md');
  expect(paths).toContain('dist/client/index.js.map');
  expect(paths.filter((path) => /daemon\/|crdt/.test(path))).toEqual([]);
});

it('works and has types in a TypeScript project of its own, in ES modules and in CommonJS', async () => {
  await writeFile(
    join(project, 'try.ts'),
    `import { Client, type Lease, type Registration } from 'bender-client';
     const client = new Client({ servers: [process.argv[2] as string] });
     await using lease: Lease = client.hold({ app: 'web', version: '1.2.0', host: '10.0.0.7', port: 8080 });
     for await (const state of lease) {
       if (state.type !== 'registered') continue;
       console.log(state.type, state.registration.ttl);
       break;
     }
     const found: Registration[] = await client.registrations({ app: 'web', version: '^1.0.0' });
     console.log(found.map(({ id }) => id).join());
     // @ts-expect-error: an app is text
     void client.registrations({ app: 7 });
     // @ts-expect-error: other states have no error
     for await (const state of lease) if (state.type === 'moved') console.log(state.error); else break;`,
  );
  await writeFile(
    join(project, 'required.cts'),
    `import { Client, type Registration } from 'bender-client';
     const client = new Client({ servers: [process.argv[2] as string] });
     // @ts-expect-error: an app is text
     void client.registrations({ app: 7 });
     const found: Promise<Registration[]> = client.registrations({ app: 'none' });
     void found.then((all) => console.log(all.length));`,
  );
  await writeFile(
    join(project, 'services.ts'),
    `import fastify from 'fastify';
     import { createServer } from 'node:http';
     import { createDaemon } from 'bender/daemon';
     import { Client } from 'bender-client';
     import { benderService } from 'bender-client/fastify';
     import { runService, type Service } from 'bender-client/node-http';
     await using daemon = await createDaemon({ peerTimeout: '2s', anonymous: 'read' });
     const options = { client: new Client({ servers: [daemon.url] }), app: 'web', version: '1.2.0', meta: { zone: 'b' } };
     const one: Service = await runService(createServer(), { ...options, listen: { port: 0 } });
     const app = fastify({ logger: true });
     await app.register(benderService, { ...options, drainForMs: 0 });
     const other: Service = await app.bender.ready;
     // @ts-expect-error: an app is needed
     void app.register(benderService, { version: '1' });
     // @ts-expect-error: no setting
     void createDaemon({ peerTimeouts: 1 });
     await Promise.all([one.stop(), other.stop()]);`,
  );
  // Packages that a program would have beside it.
  await symlink(join(modules, 'fastify'), join(project, 'node_modules/fastify'));
  await symlink(root, join(project, 'node_modules/bender'));
  await execa(join(modules, '.bin/tsc'), [], { cwd: project });
  const { url } = await startDaemon();
  const { stdout } = await execa(process.execPath, ['try.js', url], { cwd: project });
  expect(stdout).toBe('registered 4000\nweb/1.2.0/10.0.0.7/8080');
  // It is stopped at the end of the block.
  await expect(new Client({ servers: [url] }).registrations({ app: 'web' })).resolves.toEqual([]);
  if (requiresModules) {
    const required = await execa(process.execPath, ['required.cjs', url], { cwd: project });
    expect(required.stdout).toBe('0');
  }
});

it('has types that need neither those of Node nor the latest library of TypeScript', async () => {
  await writeFile(
    join(project, 'plain.ts'),
    `import { Client } from 'bender-client';
     const lease = new Client().hold({ app: 'web', version: '1.2.0', host: '10.0.0.7', port: 8080 });
     for await (const { type } of lease) if (type === 'registered') await lease[Symbol.asyncDispose]();`,
  );
  const compilerOptions = { strict: true, target: 'es2022', lib: ['es2022', 'dom'], module: 'nodenext', types: [] };
  await writeFile(join(project, 'plain.json'), JSON.stringify({ compilerOptions, files: ['plain.ts'] }));
  await execa(join(modules, '.bin/tsc'), ['-p', 'plain.json'], { cwd: project });
});

// Earlier versions of Node cannot require() modules.
(requiresModules ? it : it.skip)('is loaded by CommonJS on Node 20.19, 22.12 and later', async () => {
  await writeFile(join(project, 'try.cjs'), `console.log(typeof require('bender-client').Client);`);
  const { stdout } = await execa(process.execPath, ['try.cjs'], { cwd: project });
  expect(stdout).toBe('function');
});
