/** bender-client, packed as it is published and installed into an empty project. */

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { satisfies } from 'semver';
import { Client } from '../../src/client/index.js';
import { startDaemon, stopDaemons } from '../helpers/daemon.js';
import { codeBlocksOf } from '../helpers/markdown.js';

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

/** Adds a package that a program would have beside it. */
async function linkModule(name: string): Promise<void> {
  const at = join(project, 'node_modules', name);
  await rm(at, { force: true });
  await symlink(name === 'bender' ? root : join(modules, name), at);
}

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
  await linkModule('fastify');
  await linkModule('bender');
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

/** What blocks of the pages take from the program around them. */
const surroundings = `
  declare const Client: typeof import('bender-client').Client;
  declare const client: import('bender-client').Client;
  declare const servers: string[];
  declare const service: import('bender-client/node-http').Service;
  declare const app: import('express').Express;
  declare const database: { end(): Promise<void> };
  declare const readFile: (path: string, encoding: 'utf8') => Promise<string>;
  declare const Greeter: new (target: string, credentials: import('@grpc/grpc-js').ChannelCredentials) => unknown;`;

describe('the pages', () => {
  const pages = ['docs/client.md', 'docs/pools.md', 'docs/services-in-node.md', 'packages/client/README.md'];
  const files = ['surroundings.d.ts'];
  const strict = {
    ...tsconfig.compilerOptions,
    ...{ exactOptionalPropertyTypes: true, moduleDetection: 'force', noEmit: true },
  };

  beforeAll(async () => {
    await writeFile(join(project, files[0]!), surroundings);
    for (const page of pages) {
      const blocks = codeBlocksOf(await readFile(join(root, page), 'utf8')).filter(([language]) => language === 'js');
      for (const [index, [, block]] of blocks.entries()) {
        const file = `${page.replaceAll(/\W/g, '-')}-${index}.ts`;
        // TypeScript has other types for Node's own fetch than for undici, as the page says.
        const fetches = block.includes('{ dispatcher }') ? `import { fetch } from 'undici';\n` : '';
        await writeFile(join(project, file), fetches + block);
        files.push(file);
      }
    }
    for (const name of ['undici', 'express', 'fastify', '@grpc', '@types', 'bender']) await linkModule(name);
  });

  it.each([
    ['Node', {}],
    ['bundlers', { module: 'esnext', moduleResolution: 'bundler', skipLibCheck: true }],
  ])('have blocks of code that compile in a strict project for %s', async (name, options) => {
    expect(files.length).toBeGreaterThan(15);
    await writeFile(
      join(project, `${name}.json`),
      JSON.stringify({ compilerOptions: { ...strict, ...options }, files }),
    );
    await execa(join(modules, '.bin/tsc'), ['-p', `${name}.json`], { cwd: project });
  });
});

it('takes undefined for an option that is absent, also with exactOptionalPropertyTypes', async () => {
  await writeFile(
    join(project, 'exact.ts'),
    `import { Client, waitFor } from 'bender-client';
     import { benderAgent } from 'bender-client/http-agent';
     import { runService } from 'bender-client/node-http';
     import { benderDispatcher } from 'bender-client/undici';
     const no = undefined;
     const client = new Client({ servers: no, token: no, tls: no, timeoutMs: no, author: no, trusted: no });
     const where = { app: 'web', version: '1.2.0', host: '10.0.0.7', port: 8080 };
     client.hold({ ...where, ttl: no, meta: no, instance: no }, { check: no, onTrouble: no });
     await client.resolve('www', { near: no, nearAtLeast: no, timeoutMs: no, signal: no });
     client.pool('www', { pick: no, near: no, leaveOut: no, signal: no }).pick({ except: no });
     client.events({ app: no, types: no }, { signal: no, timeoutMs: no, onConnect: no });
     await waitFor(client, {}, () => true, { timeoutMs: 1000, onProgress: no });
     benderAgent(client, { tls: no, agent: no, connectTimeoutMs: no, waitMs: no });
     benderDispatcher(client, { retry: no, host: no, connections: no, elsewhere: no });
     await runService({} as never, { app: 'web', version: '1', client, listen: no, signals: no, meta: no, host: no });`,
  );
  await linkModule('undici');
  const compilerOptions = { ...tsconfig.compilerOptions, exactOptionalPropertyTypes: true, noEmit: true };
  await writeFile(join(project, 'exact.json'), JSON.stringify({ compilerOptions, files: ['exact.ts'] }));
  await execa(join(modules, '.bin/tsc'), ['-p', 'exact.json'], { cwd: project });
});

// Earlier versions of Node cannot require() modules.
(requiresModules ? it : it.skip)('is loaded by CommonJS on Node 20.19, 22.12 and later', async () => {
  await writeFile(join(project, 'try.cjs'), `console.log(typeof require('bender-client').Client);`);
  const { stdout } = await execa(process.execPath, ['try.cjs'], { cwd: project });
  expect(stdout).toBe('function');
});
