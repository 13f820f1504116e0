/** docs/integrations/traefik.md and envoy.md: their commands, and what Traefik and Envoy then read. */

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../../helpers/eventually.js';
import { freePort } from '../../helpers/free-port.js';
import { blocksOf } from '../../helpers/page.js';

const project = join(import.meta.dirname, '../../..');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bender-proxies-'));
  const bender = join(folder, 'bender');
  await writeFile(bender, `#!/bin/sh\nexec '${process.execPath}' '${join(project, 'bin/run.js')}' "$@"\n`);
  await chmod(bender, 0o755);
});
afterAll(() => rm(folder, { recursive: true }));

/** A shell of its own for each page, with a daemon at a free port. Blocks are run as they stand there. */
class Page {
  readonly #shells: { pid: number; ended: Promise<unknown> }[] = [];

  private constructor(
    readonly port: number,
    private readonly blocks: readonly string[],
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  static async open(page: string): Promise<Page> {
    const port = await freePort();
    const here = (await blocksOf(page, 'sh')).map((block) => block.replaceAll('1729', String(port)));
    const { BENDER_SERVER: _, ...env } = process.env;
    const server = `http://127.0.0.1:${port}`;
    const ours = { PATH: `${folder}:${env.PATH}`, BENDER_PORT: String(port), BENDER_SERVER: server };
    // A deployment need not be proven here.
    return new Page(port, here, { ...env, ...ours, BENDER_WARM_FOR: '0', XDG_STATE_HOME: join(folder, 'state') });
  }

  /** Rejects if a command fails. What goes on in the background is ended by `close`. */
  async run(index: number): Promise<void> {
    const done = join(folder, `done-${this.port}-${index}`);
    const shell = execa('sh', ['-ec', `${this.blocks[index]!}\ntouch '${done}'\nwait`], {
      ...{ cwd: folder, env: this.env, extendEnv: false, detached: true, reject: false, stdin: 'ignore', all: true },
    });
    this.#shells.push({ pid: shell.pid!, ended: shell });
    const there = execa('sh', ['-c', `until [ -e '${done}' ]; do sleep 0.05; done`], { timeout: 60_000 });
    const failed = shell.then(({ exitCode, all }) => {
      if (exitCode !== 0) throw new Error(`block ${index} ended with ${exitCode}: ${String(all)}`);
    });
    await Promise.race([there, failed.then(() => there)]).finally(() => there.kill());
  }

  async ask<T>(path: string, body?: object): Promise<T | undefined> {
    const init = body && { method: 'POST', body: JSON.stringify(body) };
    const answer = await fetch(`http://127.0.0.1:${this.port}${path}`, init);
    return answer.status === 200 ? ((await answer.json()) as T) : undefined;
  }

  async close(): Promise<void> {
    for (const { pid, ended } of this.#shells) {
      try {
        process.kill(-pid, 'SIGTERM');
      } catch {
        // It has ended.
      }
      await ended;
    }
    await execa('bender', ['stop', '--port', String(this.port)], { env: this.env, extendEnv: false, reject: false });
  }
}

describe('Traefik', () => {
  interface Document {
    http: {
      routers: Record<string, { rule: string; service: string }>;
      services: Record<
        string,
        { loadBalancer?: { servers?: { url: string }[] }; weighted?: { services: { name: string; weight: number }[] } }
      >;
    };
  }
  let page: Page;
  beforeAll(async () => {
    page = await Page.open('docs/integrations/traefik.md');
  });
  afterAll(() => page.close());

  it('reads the instances and the rule, then the new version, and the rule as it was changed', async () => {
    await page.run(0);
    const document = () => page.ask<Document>('/traefik');
    const urls = (found: Document | undefined) =>
      found?.http.services.web?.loadBalancer?.servers?.map(({ url }) => url);
    const first = await eventually(async () => {
      const found = await document();
      return urls(found)?.length === 1 && found;
    });
    expect(first.http.routers.www).toEqual({ rule: 'Host(`www.example.com`)', service: 'web' });
    expect(urls(first)).toEqual(['http://127.0.0.1:8080']);
    await page.run(1);
    await eventually(async () => urls(await document())?.[0] === 'http://127.0.0.1:8082');
    await page.run(2);
    await eventually(async () => /PathPrefix/.test((await document())!.http.routers.www!.rule));
  });
});

describe('Envoy', () => {
  interface Response {
    version_info: string;
    resources: { name?: string; endpoints?: { locality: object; lb_endpoints: object[] }[] }[];
  }
  let page: Page;
  beforeAll(async () => {
    page = await Page.open('docs/integrations/envoy.md');
  });
  afterAll(() => page.close());

  it('reads clusters and their endpoints, and then those of the new version', async () => {
    await page.run(0);
    const clusters = await page.ask<Response>('/v3/discovery:clusters', {});
    expect(clusters!.resources.map(({ name }) => name)).toEqual(['www', 'backend/web']);
    const body = { resource_names: ['www'] };
    const endpoints = async () => (await page.ask<Response>('/v3/discovery:endpoints', body))?.resources[0]?.endpoints;
    await eventually(async () => (await endpoints())?.length === 1);
    expect(await endpoints()).toMatchObject([
      { locality: { zone: 'eu-1' }, lb_endpoints: [{ load_balancing_weight: 1 }] },
    ]);
    await page.run(1);
    await eventually(async () => JSON.stringify(await endpoints()).includes('"eu-2"'));
    expect(await endpoints()).toHaveLength(1);
  });
});
