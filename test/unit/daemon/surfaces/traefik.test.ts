/** What Traefik's HTTP provider insists on, and what bender says to it. */

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { configuration } from '../../../../src/daemon/surfaces/traefik/configuration.js';
import { serviceName } from '../../../../src/daemon/surfaces/traefik/names.js';
import type { Routing, Split } from '../../../../src/model/catalog.js';
import { parseNear } from '../../../../src/model/near.js';
import { formatId } from '../../../../src/model/registration.js';
import { registryWithTwoAt, untilDone } from '../../../helpers/two-at-one-address.js';
import { mostWritten, registryOfMany } from '../../../helpers/written.js';
import { address, webServer } from './web-server.js';

interface Service {
  loadBalancer?: { servers?: { url: string }[]; passHostHeader: boolean };
  weighted?: { services: { name: string; weight: number }[] };
}
interface Router {
  rule: string;
  service: string;
  entryPoints?: string[];
  middlewares?: string[];
}
interface Configuration {
  http?: { routers: Record<string, Router>; services: Record<string, Service> };
}

const web = webServer();
const online = (...addresses: ReturnType<typeof address>[]): void =>
  addresses.forEach((one) => void web.server.daemon.register(one, { ttl: 600_000 }));

function backend(
  versions: { version: string } | { split: Split } = { version: '1.0.0' },
  routing?: Routing,
  name = 'web',
) {
  web.server.daemon.catalog.backends.create({ name, app: 'web', ...versions, ...(routing && { routing }) }, 'test');
}

function frontend(routing?: Routing, { name = 'www', serves }: Facts = { serves: 'web' }): void {
  const fields = { name, ...(serves !== undefined && { backend: serves }), ...(routing && { routing }) };
  web.server.daemon.catalog.frontends.create(fields, 'test');
}

interface Facts {
  name?: string;
  serves?: string;
}

/** Everything that is asked for is checked against the rules that hold for every document. */
async function ask(): Promise<Configuration> {
  const { status, body } = await web.server.ask('GET', '/traefik');
  expect(status).toBe(200);
  const configuration = body as Configuration;
  if (Object.keys(configuration).length > 0) {
    expect(emptyIn(configuration)).toEqual([]);
    expect(danglingIn(configuration)).toEqual([]);
  }
  return configuration;
}

/** Where there is an empty object or list, for which Traefik refuses the whole document. */
function emptyIn(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return value === null ? [path] : [];
  const inner = Object.entries(value);
  return inner.length === 0 ? [path] : inner.flatMap(([key, one]) => emptyIn(one, `${path}/${key}`));
}

/** Names that are referred to and missing, that nothing refers to, or that Traefik would cut at an @. */
function danglingIn({ http }: Configuration): string[] {
  const { routers, services } = http!;
  const named = [
    ...Object.values(routers).map(({ service }) => service),
    ...Object.values(services).flatMap(({ weighted }) => weighted?.services.map(({ name }) => name) ?? []),
  ];
  const odd = [...Object.keys(routers), ...Object.keys(services)].filter((name) => !/^[A-Za-z0-9._~-]+$/.test(name));
  for (const service of Object.values(services)) expect(Object.keys(service)).toHaveLength(1);
  return [
    ...odd,
    ...named.filter((name) => !(name in services)),
    ...Object.keys(services).filter((name) => !named.includes(name)),
  ];
}

const urlsOf = ({ loadBalancer }: Service): string[] => (loadBalancer!.servers ?? []).map(({ url }) => url);

describe('a document for Traefik', () => {
  it('is {} if there is no frontend, also if there are backends', async () => {
    backend();
    online(address('10.0.0.1'));
    expect(await ask()).toEqual({});
  });

  it('has a router for each frontend, by its name', async () => {
    online(address('10.0.0.1'), address('fd00::1'));
    backend();
    frontend();
    expect(await ask()).toEqual({
      http: {
        routers: { www: { rule: 'Host(`www`)', service: 'web' } },
        services: {
          web: {
            loadBalancer: {
              servers: [{ url: 'http://10.0.0.1:80' }, { url: 'http://[fd00::1]:80' }],
              passHostHeader: true,
            },
          },
        },
      },
    });
  });

  it('has a service without servers, for 503 rather than 404, where nothing is online or nothing is served', async () => {
    backend();
    frontend();
    frontend(undefined, { name: 'bare' });
    frontend(undefined, { name: 'lost', serves: 'missing' });
    const { routers, services } = (await ask()).http!;
    for (const name of ['www', 'bare', 'lost'])
      expect(services[routers[name]!.service]).toEqual({ loadBalancer: { passHostHeader: true } });
  });

  it('says what is routed as it was told, a frontend before its backend', async () => {
    backend(undefined, { scheme: 'https', hosts: ['hidden'], middlewares: ['auth@file'] });
    online(address('10.0.0.1'));
    frontend({ hosts: ['a.example', 'b.example'], pathPrefix: '/shop', entryPoints: ['websecure'] });
    const { routers, services } = (await ask()).http!;
    expect(routers.www).toEqual({
      rule: '(Host(`a.example`) || Host(`b.example`)) && PathPrefix(`/shop`)',
      service: 'web~~https',
      entryPoints: ['websecure'],
      middlewares: ['auth@file'],
    });
    expect(urlsOf(services['web~~https']!)).toEqual(['https://10.0.0.1:80']);
  });

  it('has a path prefix behind one host without brackets', async () => {
    backend();
    frontend({ pathPrefix: '/' });
    expect((await ask()).http!.routers.www!.rule).toBe('Host(`www`) && PathPrefix(`/`)');
  });

  it('has one weighted service over one of each version, in the shares of the split', async () => {
    online(address('10.0.0.1'), address('10.0.0.2'), address('10.0.0.3', '2.0.0'));
    backend({ split: { '1.0.0': 90, '2.0.0': 10 } });
    frontend();
    frontend(undefined, { name: 'other', serves: 'web' });
    const { routers, services } = (await ask()).http!;
    expect(routers.other!.service).toBe(routers.www!.service);
    expect(services.web!.weighted!.services).toEqual([
      { name: 'web~~http~~1.0.0', weight: 90 },
      { name: 'web~~http~~2.0.0', weight: 10 },
    ]);
    expect(urlsOf(services['web~~http~~1.0.0']!)).toEqual(['http://10.0.0.1:80', 'http://10.0.0.2:80']);
    expect(urlsOf(services['web~~http~~2.0.0']!)).toEqual(['http://10.0.0.3:80']);
  });

  it('leaves a version of a split out that has the weight 0, drains or is not there', async () => {
    online(address('10.0.0.1'), address('10.0.0.2', '2.0.0'), address('10.0.0.3', '3.0.0'));
    backend({ split: { '1.0.0': 90, '2.0.0': 0, '3.0.0': 10, '4.0.0': 10 } });
    frontend();
    await web.server.daemon.setState(formatId(address('10.0.0.3', '3.0.0')), { draining: true });
    expect((await ask()).http!.services.web).toEqual({
      weighted: { services: [{ name: 'web~~http~~1.0.0', weight: 90 }] },
    });
    await web.server.daemon.setState(formatId(address('10.0.0.1')), { draining: true });
    expect((await ask()).http!.services).toEqual({ web: { loadBalancer: { passHostHeader: true } } });
  });

  it('says a name with a backtick as Go does, one that is not ASCII as browsers do, and leaves out what no host is', async () => {
    for (const name of ['a`)||Path(`', 'Bücher', 'é%', 'x@y']) frontend(undefined, { name });
    const leftOut = web.server.surfaceCounts.entriesLeftOut.get('traefik') ?? 0;
    const { routers } = (await ask()).http!;
    expect(Object.values(routers).map(({ rule }) => rule)).toEqual([
      'Host(`xn--bcher-kva`)',
      'Host("a`)||path(`")',
      'Host(`x@y`)',
    ]);
    expect(Object.keys(routers)).toEqual(['B~fc~cher', 'a~60~~29~~7c~~7c~Path~28~~60~', 'x~40~y']);
    expect(web.server.surfaceCounts.entriesLeftOut.get('traefik')).toBe(leftOut + 1);
  });

  it.each(['__proto__', 'constructor', 'toString'])(
    'has the frontend and the backend %s like any other',
    async (name) => {
      online(address('10.0.0.1'));
      backend(undefined, { hosts: ['www.example'] }, name);
      frontend(undefined, { name, serves: name });
      const { http } = await ask();
      expect(Object.entries(http!.routers)).toEqual([[name, { rule: 'Host(`www.example`)', service: name }]]);
      expect(Object.keys(http!.services)).toEqual([name]);
    },
  );

  it('has the same bytes whatever was done in which order', async () => {
    backend();
    frontend(undefined, { name: 'b' });
    frontend(undefined, { name: 'a' });
    online(address('10.0.0.2'), address('10.0.0.1'));
    const first = await web.server.ask('GET', '/traefik');
    const { frontends } = web.server.daemon.catalog;
    for (const name of ['a', 'b']) frontends.delete(name, 'test');
    frontend(undefined, { name: 'a' });
    frontend(undefined, { name: 'b' });
    const second = await web.server.ask('GET', '/traefik');
    expect(JSON.stringify(second.body)).toBe(JSON.stringify(first.body));
    expect(second.headers.etag).toBe(first.headers.etag);
  });

  it('comes with the status 503 while the daemon is unsure, and Traefik keeps what it has', async () => {
    web.server.set({ ready: false });
    expect((await web.server.ask('GET', '/traefik')).status).toBe(503);
  });
});

it('has each address once, where daemons that do not hear each other know two versions there', () => {
  const registry = registryWithTwoAt(web.server.daemon, '10.0.0.1', false);
  backend({ version: '^1' });
  frontend();
  const { http } = JSON.parse(
    untilDone(configuration(registry, undefined, () => undefined)).pieces.join(),
  ) as Configuration;
  expect(urlsOf(http!.services.web!)).toEqual(['http://10.0.0.1:80']);
});

it('is written in small steps, and counts the instances of an app once, however many backends it has', () => {
  const registry = Object.assign(registryOfMany(5000), { catalog: web.server.daemon.catalog });
  for (let index = 0; index < 20; index++) {
    backend(index % 2 === 0 ? { version: '^1' } : { split: { '1.0.0': 1 } }, undefined, `web-${index}`);
    frontend(undefined, { name: `www-${index}`, serves: `web-${index}` });
  }
  for (const near of [undefined, parseNear('zone:eu-1')])
    expect(mostWritten(configuration(registry, near, () => undefined))).toBeLessThan(32 * 1024);
  expect(registry.counted).toBe(1);
});

it('gives different names to different parts', () => {
  const part = fc.oneof(fc.string({ maxLength: 6 }), fc.constantFrom('~', '~~', '~7e~', 'http', 'a', '~none~'));
  const parts = fc.tuple(part, fc.constantFrom('http', 'https'), fc.option(part, { nil: undefined }));
  fc.assert(
    fc.property(parts, parts, (a, b) => {
      const isSame = serviceName(...a) === serviceName(...b);
      expect(isSame).toBe(JSON.stringify(a) === JSON.stringify(b));
      expect(serviceName(...a)).toMatch(/^[A-Za-z0-9._~-]*$/);
      expect(serviceName(...a)).not.toBe('~none~');
    }),
    { numRuns: 2000 },
  );
});
