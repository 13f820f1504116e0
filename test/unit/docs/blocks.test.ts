/**
 * Each block of commands in the README and in docs/ is run by a test, or is listed here with the reason why not. A new
 * one fails until it is in the table.
 */

import { describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { shellBlocksOf } from '../../helpers/markdown.js';

const readme = 'test/e2e/docs/readme.test.ts';
const pages = 'test/e2e/docs/pages.test.ts';
const dns = 'test/e2e/surfaces/dns.test.ts';
const proxies = 'test/e2e/surfaces/proxies.test.ts';

/** Why a block is run by no test. */
const system = 'it changes the system: packages, users, units';
const docker = 'it needs Docker';
const elsewhere = 'its addresses are those of other machines';
const part = 'it is a part of a command, or has a placeholder for a file or a token';

/** By page: how its blocks begin, and the test that runs them, or the reason. */
const table: Record<string, Record<string, string>> = {
  'README.md': {
    'npm ci && npm start': readme,
    'alias bender=': readme,
    'bender register --app web --version 1.0.0 --host': readme,
    'bender backends create web --app web': readme,
    'bender register --app web --version 2.0.0 --host': readme,
    'kill %1 %2': readme,
    'kill -KILL %4': readme,
    'kill %3': readme,
    'examples/haproxy/run.sh': readme,
    'bender ca init': 'test/e2e/secure-cluster.test.ts',
    'bender ca issue me': 'test/e2e/secure-cluster.test.ts',
    'bender register --app web --version 1.2.0 --port 8080 --hold': readme,
  },
  'packages/client/README.md': { 'npm install bender-client': 'the package is not published yet' },
  'docs/backup.md': {
    'bender serve --catalog': part,
    'cp /var/lib/bender': part,
    'bender export --trusted': pages,
    'bender snapshot save': pages,
    'bender apply -f catalog.yaml': pages,
    'bender history web': pages,
  },
  'docs/deploying.md': {
    'bender deploy web': pages,
    'bender backends update web': pages,
    'bender resolve www --near': 'test/e2e/near.test.ts',
    'bender backends update web --warmup': 'test/e2e/warm-up.test.ts',
    'bender frontends update www': pages,
    'bender rollback web': pages,
  },
  'docs/haproxy.md': {
    'apt-get install': system,
    'bender backends create web': elsewhere,
    'export BENDER_SERVER=http://10.0.0.1': elsewhere,
    'bender serve --dns-port': 'test/e2e/surfaces/dns-haproxy.test.ts',
    'bender register --app web': part,
    'bender deploy web': pages,
  },
  'docs/installing.md': {
    'npm ci && npm install --global': system,
    'eval "$(bender completion bash)"': 'it belongs into the file that a shell reads; completion.test.ts tries each',
    'groupadd --system bender': system,
    'cp "$(npm root --global)': system,
    'bender serve --detach': pages,
    'docker build': docker,
    'docker run': docker,
    'bender serve --advertise https://bender1': elsewhere,
  },
  'docs/integrations/consul.md': { 'bender serve --detach': 'test/e2e/surfaces/consul.test.ts' },
  'docs/integrations/dns.md': { 'bender serve --detach': dns, 'dig +short': dns },
  'docs/integrations/envoy.md': { 'bender serve --detach': proxies, 'bender register --app web': proxies },
  'docs/integrations/eureka.md': { 'bender serve --detach': 'test/e2e/surfaces/eureka.test.ts' },
  'docs/integrations/metrics.md': { 'curl -s http://127.0.0.1:1729/metrics': 'test/e2e/metrics.test.ts' },
  'docs/integrations/prometheus.md': { 'bender serve --detach': 'test/e2e/surfaces/prometheus.test.ts' },
  'docs/integrations/traefik.md': {
    'bender serve --detach': proxies,
    'bender register --app web': proxies,
    'bender frontends update www': proxies,
  },
  'docs/migrating.md': { 'node copy.mjs': pages, 'node copy-eureka.mjs': pages },
  'docs/nginx.md': { 'apt-get install': system, 'bender backends create web': elsewhere },
  'docs/operations.md': {
    'bender serve --host 0.0.0.0': elsewhere,
    '# In Docker Compose': docker,
    'bender drain web': pages,
    'bender drain --app web --version 1.3.0 --rule': pages,
  },
  'docs/running-services.md': {
    'bender register --app web': part,
    'bender register --app db': pages,
    'VERSION=1.2.0': part,
    'cp "$(npm root --global)': system,
    'docker run': docker,
  },
  'docs/security.md': {
    'bender token create --tokens tokens.jsonl --role peer': part,
    'bender ca init': 'it is as in the README, for another machine; secure-cluster.test.ts runs that',
    'bender token create --tokens tokens.jsonl --role write': pages,
  },
  'docs/templates.md': { 'bender template': elsewhere },
  'docs/troubleshooting.md': { 'bender status': pages },
};

const files = [
  'README.md',
  'packages/client/README.md',
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' }).map((file) => join('docs', file)),
].filter((file) => file.endsWith('.md') && shellBlocksOf(readFileSync(file, 'utf8')).length > 0);

it('has the pages with commands, and no others', () => {
  expect(Object.keys(table).sort()).toEqual(files.sort());
});

describe.each(files)('%s', (page) => {
  const rows = Object.entries(table[page] ?? {});
  const blocks = shellBlocksOf(readFileSync(page, 'utf8'));

  it('has no block that is not in the table', () => {
    expect(blocks.filter((block) => !rows.some(([beginning]) => block.startsWith(beginning)))).toEqual([]);
  });

  it('has each block of the table', () => {
    expect(rows.filter(([beginning]) => !blocks.some((block) => block.startsWith(beginning)))).toEqual([]);
  });

  it('has tests that read it', () => {
    const tests = new Set(rows.map(([, how]) => how).filter((how) => how.startsWith('test/')));
    const name = page.split('/').at(-1)!;
    for (const test of tests) expect(existsSync(test) && readFileSync(test, 'utf8')).toContain(name);
  });
});
