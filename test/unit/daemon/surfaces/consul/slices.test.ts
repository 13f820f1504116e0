/** However little of it is meant, a look-up pauses while it looks at all instances. */

import { expect, it } from '@jest/globals';
import type { Registry } from '../../../../../src/daemon/core/registry.js';
import type { Made } from '../../../../../src/daemon/http/contents.js';
import type { ApiRequest } from '../../../../../src/daemon/http/route.js';
import type { Question } from '../../../../../src/daemon/surfaces/consul/looks.js';
import { reads } from '../../../../../src/daemon/surfaces/consul/reads.js';
import { sorted } from '../../../../../src/daemon/surfaces/consul/sorted.js';
import type { Registration } from '../../../../../src/model/registration.js';
import { mostBetweenPauses } from '../../../../helpers/pauses.js';

const size = 5000;

/** A registry of `size` instances on as many hosts, which counts how many have been looked at. */
let looked = 0;
const registry = {
  groups: () => [{}],
  unhealthyGroups: () => [],
  registrationsIn: function* () {
    for (looked = 0; looked < size;) {
      const host = `h${size - looked++}`;
      const meta = { consul: { id: `id-${looked % 3000}`, tags: [`tag-${size - looked}`] } };
      yield { app: 'web', version: '1', host, port: 80, meta, id: `web/1/${host}/80` } as unknown as Registration;
    }
  },
} as unknown as Registry;

/** The question that a request asks. */
function questionOf(route: string, params: Record<string, string>, query: string): Question {
  looked = 0;
  let asked: Question | undefined;
  const looks = { answer: (_: unknown, question: Question) => ((asked = question), { status: 200 }) };
  const handlers = reads({ registry, looks, datacenter: 'test' } as unknown as Parameters<typeof reads>[0]);
  const request = { params, query: () => new URLSearchParams(query) } as unknown as ApiRequest;
  void (handlers as unknown as Record<string, (request: ApiRequest) => unknown>)[route]!(request);
  return asked!;
}

it.each<[string, Record<string, string>, string, number]>([
  ['GET /v1/health/service/:service', { service: 'web' }, 'tag=x', 0],
  ['GET /v1/health/service/:service', { service: 'web' }, 'filter=Service.ID==x', 0],
  ['GET /v1/catalog/service/:service', { service: 'web' }, 'tag=tag-7', 1],
  ['GET /v1/health/node/:node', { node: 'x' }, '', 0],
  ['GET /v1/health/state/:state', { state: 'critical' }, '', 0],
  ['GET /v1/agent/checks', {}, 'filter=CheckID==x', 0],
  ['GET /v1/agent/checks', {}, '', size],
  ['GET /v1/agent/services', {}, '', size],
  ['GET /v1/catalog/nodes', {}, '', size],
  ['GET /v1/catalog/services', {}, '', 1],
])('%s %j ?%s', (route, params, query, count) => {
  const work = questionOf(route, params, query).make();
  let made: Made | undefined;
  const kept = (function* () {
    made = yield* work;
  })();
  expect(mostBetweenPauses(kept, () => looked)).toBeLessThanOrEqual(200);
  expect(looked).toBe(size);
  const body = JSON.parse(String(made!.body.data)) as object;
  expect(Object.keys(body)).toHaveLength(count);
});

it.each([0, 1, 999, 1000, 1001, 7500])('sorts %d texts with a pause after at most 1000', (count) => {
  const texts = Array.from({ length: count }, (_, index) => String((index * 7919) % 10_007));
  let pauses = 0;
  const work = sorted(texts);
  let step = work.next();
  for (; !step.done; step = work.next()) pauses++;
  expect(step.value).toEqual([...texts].sort());
  expect(pauses).toBeGreaterThanOrEqual(Math.floor(count / 1000));
});
