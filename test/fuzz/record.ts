/**
 * `npm run fuzz -- --record`: writes the corpus anew, from three daemons as processes and clients that use every route.
 *
 * One that is like another one (the same fields of the same kinds) says nothing new: some of each kind are kept.
 */

import { Client } from '../../src/client/client.js';
import { decodeMessage, headerBytes } from '../../src/daemon/peer/message.js';
import { eventually } from '../helpers/eventually.js';
import { type Corpus, framesIn, writeCorpus } from './corpus.js';
import type { Relay } from '../helpers/relay.js';
import { openRecordingRelay } from './recording-relay.js';
import { Victim } from './victim.js';

/** Bytes of the longest that is kept. */
const longest = 4096;

/** The first ones of each shape, so many. */
function distinct(inputs: readonly Buffer[], alike: number, shapeOf: (bytes: Buffer) => string): Buffer[] {
  const counts = new Map<string, number>();
  return inputs.filter((bytes) => {
    if (bytes.length > longest) return false;
    const shape = shapeOf(bytes);
    counts.set(shape, (counts.get(shape) ?? 0) + 1);
    return counts.get(shape)! <= alike;
  });
}

/** The kinds of the values in it, the names of its fields, and of a list what its elements are. */
function shapeOf(value: unknown): string {
  if (value instanceof Uint8Array) return 'bytes';
  if (Array.isArray(value)) return `[${[...new Set(value.map(shapeOf))].sort().join()}]`;
  if (value === null || typeof value !== 'object') return typeof value;
  return `{${Object.entries(value)
    .map(([key, inner]) => `${key}:${shapeOf(inner)}`)
    .join()}}`;
}

const messageShape = (bytes: Buffer): string => shapeOf(decodeMessage(bytes.subarray(headerBytes)));

/** The request without what differs from one run to the next, without numbers and names that are random. */
const requestShape = (bytes: Buffer): string =>
  bytes
    .toString('latin1')
    .replace(/^(host|content-length|user-agent): .*\r\n/gim, '')
    .replace(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, '')
    .replace(/\d+/g, '0');

/** By the number of bytes: its columns hold about the same then. */
const changeShape = (bytes: Buffer): string => String(bytes.length);

const address = (index: number) => ({
  app: index % 3 ? 'web' : 'shop',
  version: `1.${index % 4}.0`,
  host: index % 5 ? `10.0.0.${index}` : '2001:db8::7',
  port: 8000 + index,
});

/** Uses every route, in the forms that clients use. */
async function useAll(urls: readonly string[]): Promise<void> {
  const clients = urls.map((url) => new Client({ servers: [url], author: 'ann' }));
  const [one, other] = clients as [Client, Client];
  const ask = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    fetch(`${urls[0]}${path}`, {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }).then((response) => response.text());

  const watching = new AbortController();
  const seen: string[] = [];
  const watch = async (): Promise<void> => {
    for await (const { id } of one.events({ app: 'web' }, { signal: watching.signal }))
      if (id !== undefined) seen.push(id);
  };
  const watched = watch().catch(() => undefined);

  for (let index = 0; index < 30; index++) {
    const meta = index % 2 ? { zone: 'é', weights: [0.5, -1, null, true], deep: { index } } : {};
    const instance = index % 4 ? undefined : `start-${index}`;
    await clients[index % 3]!.register({ ...address(index), ttl: 3000, meta, ...(instance && { instance }) });
  }
  const ids = Array.from({ length: 30 }, (_, index) => {
    const { app, version, host, port } = address(index);
    return `${app}/${version}/${host}/${port}`;
  });
  await other.renewAll([...ids, { id: ids[4]!, instance: 'start-4' }, 'unknown/1/h/80']);
  await other.renew(address(1));
  await ask('POST', `/registrations/${ids[2]}`);
  await ask('POST', `/registrations/${ids[2]}`, { ttl: 4000 }, { 'idempotency-key': 'key-1' });
  await one.setState(address(1), { draining: true, reason: 'to be replaced' });
  await other.setState(address(1), { draining: false });
  await one.setHealth(address(2), 'no database');
  await one.setHealth(address(2), null);

  await one.createBackend({ name: 'web', app: 'web', version: '^1.0.0' });
  await one.updateBackend('web', { version: '1.1.0' }, { atLeast: 1 });
  await other.createBackend({ name: 'split', app: 'web', split: { '1.1.0': 90, '1.2.0': 10 } });
  await other.rollbackBackend('web', { atLeast: 0 });
  await one.createFrontend({ name: 'www', backend: 'web' });
  await one.updateFrontend('www', { backend: 'split' });
  for (const path of [
    ...['/registrations', '/registrations/web', '/registrations/web/1.1.0', '/registrations/web/%5E1.0.0'],
    ...['/registrations?meta.zone=%C3%A9&meta.deep.index=1', `/registrations/${ids[1]}`, '/backends'],
    ...['/backends/web', '/backends/split/registrations', '/frontends', '/frontends/www/registrations'],
    ...['/history?limit=5', '/history?backend=web', '/status', '/daemons', '/livez', '/readyz', '/nothing'],
  ])
    await ask('GET', path);
  await ask('GET', '/registrations/web', undefined, { 'if-none-match': '"0123456789abcdef"' });
  await eventually(() => seen.length > 0);
  watching.abort();
  await watched;
  const again = new AbortController();
  for await (const _ of one.events({ app: 'web' }, { signal: again.signal, lastEventId: seen[0]! })) break;
  again.abort();

  for (const index of [3, 6, 9]) await clients[index % 3]!.deregister(address(index));
  await one.deleteFrontend('www');
  await one.deleteBackend('split', { atLeast: 0 });
  // What is not renewed expires.
  await eventually(async () => (await one.registrations({ app: 'web' })).length === 0);
}

/** Records, and says how much. */
export async function record(say: (line: string) => void): Promise<void> {
  const [requests, messages]: [Buffer[], Buffer[]] = [[], []];
  const heard = {
    request: (bytes: Buffer) => requests.push(bytes),
    message: (bytes: Buffer) => messages.push(bytes),
  };
  const relays: Relay[] = [];
  const daemons: Victim[] = [];
  try {
    for (const name of ['a', 'b', 'c']) {
      const relay = await openRecordingRelay(heard);
      const peers = relays.slice(0, 1).flatMap(({ url }) => ['--peer', url]);
      relays.push(relay);
      const args = ['--name', name, '--advertise', relay.url, ...peers];
      daemons.push(await Victim.start(args, relay.targetPort));
    }
    await useAll(relays.map(({ url }) => url));
    await daemons[2]!.end('SIGTERM');
    await new Client({ servers: [relays[0]!.url] }).forgetDaemon('c').catch(() => undefined);
  } finally {
    await Promise.all(daemons.map((daemon) => daemon.end()));
    for (const relay of relays) relay.close();
  }
  const changes = framesIn(messages).flatMap(({ sync }) =>
    (sync?.changes ?? []).flatMap(([, some]) => some.map((bytes) => Buffer.from(bytes))),
  );
  const corpus: Corpus = {
    requests: distinct(requests, 2, requestShape),
    messages: distinct(messages, 8, messageShape),
    changes: distinct(changes, 2, changeShape),
  };
  writeCorpus(corpus);
  for (const [kind, all] of Object.entries({ requests, messages, changes })) {
    const kept = corpus[kind as keyof Corpus];
    const bytes = kept.reduce((sum, { length }) => sum + length, 0);
    say(`${kind}: ${all.length} heard, ${kept.length} kept, ${bytes} bytes`);
  }
}
