/** The description of the API is complete, and says what is true. */

import { describe, expect, it } from '@jest/globals';
import { accessTable } from '../../../src/daemon/http/auth/access.js';
import {
  type DescribedResponse,
  describeApi,
  type MediaType,
  operations,
  schemas,
} from '../../../src/openapi/description.js';
import { foreign, foreignProtocol } from '../../../src/openapi/foreign.js';
import { meanings } from '../../../src/openapi/meanings.js';
import { eventTypes } from '../../../src/model/events.js';
import { refPrefix } from '../../../src/openapi/refs.js';
import { description, wrongWith } from '../../helpers/schemas.js';

it('has every route, or says whose protocol it belongs to', () => {
  const described = new Set(operations.map(({ route }) => route));
  const missing = Object.keys(accessTable).filter((route) => !described.has(route) && !foreignProtocol(route));
  // A new route is described in src/openapi/operations. One of another protocol is listed in src/openapi/foreign.ts.
  expect(missing).toEqual([]);
});

it('has no route twice, and none that does not exist', () => {
  const routes = operations.map(({ route }) => route);
  expect(new Set(routes).size).toBe(routes.length);
  expect(new Set(operations.map(({ id }) => id)).size).toBe(routes.length);
  expect(routes.filter((route) => !Object.hasOwn(accessTable, route))).toEqual([]);
  expect(routes.filter((route) => foreignProtocol(route))).toEqual([]);
});

it('lists no protocol without routes', () => {
  const routes = Object.keys(accessTable);
  const unused = Object.keys(foreign).filter((start) => !routes.some((route) => route.startsWith(start)));
  expect(unused).toEqual([]);
});

it('uses each meaning', () => {
  const used = new Set<string>();
  schemas((key) => used.add(key));
  expect(Object.keys(meanings).filter((key) => !used.has(key))).toEqual([]);
});

it('is the same whenever it is made', () => {
  expect(JSON.stringify(describeApi('1.0.0'))).toBe(JSON.stringify(description));
});

interface Example {
  where: string;
  media: MediaType;
  value: unknown;
}

function examplesIn(where: string, content: Record<string, MediaType> = {}): Example[] {
  return Object.values(content).flatMap((media) => [
    ...(media.example === undefined ? [] : [{ where, media, value: media.example }]),
    ...Object.entries(media.examples ?? {}).map(([name, { value }]) => ({ where: `${where} ${name}`, media, value })),
  ]);
}

const described = Object.entries(description.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, operation })),
);

describe.each(described)('$name', ({ operation }) => {
  const { parameters = [], requestBody, responses } = operation;
  const ofAnswers = Object.entries(responses).flatMap(([status, response]) =>
    '$ref' in response ? [] : examplesIn(status, response.content),
  );

  it('shows an example of what is sent and of what is answered', () => {
    if (requestBody) expect(examplesIn('body', requestBody.content)).not.toEqual([]);
    const withContent = Object.values(responses).filter((one) => 'content' in one);
    expect(ofAnswers).toHaveLength(withContent.length);
  });

  it('has examples that are as it says', () => {
    for (const { where, media, value } of [...examplesIn('body', requestBody?.content), ...ofAnswers])
      expect({ where, wrong: wrongWith(media.schema, value) }).toEqual({ where, wrong: undefined });
    for (const { name, schema, example } of parameters)
      if (example !== undefined)
        expect({ name, wrong: wrongWith(schema, example) }).toEqual({ name, wrong: undefined });
  });
});

it('has examples of all errors that are as it says', () => {
  for (const [name, response] of Object.entries<DescribedResponse>(description.components.responses))
    for (const { media, value } of examplesIn(name, response.content))
      expect({ name, wrong: wrongWith(media.schema, value) }).toEqual({ name, wrong: undefined });
});

describe('the schemas', () => {
  const of = (name: string, value: unknown) => wrongWith({ $ref: `#/components/schemas/${name}` }, value);

  it('refuse what validation refuses', () => {
    const valid = { app: 'web', version: '1', host: 'h', port: 80 };
    expect(of('NewRegistration', valid)).toBeUndefined();
    expect(of('NewRegistration', { ...valid, port: 0 })).toContain('port');
    expect(of('NewRegistration', { ...valid, app: 'a/b' })).toContain('app');
    expect(of('NewRegistration', { ...valid, prot: 80 })).toContain('additional');
    expect(of('NewRegistration', { ...valid, meta: [] })).toContain('meta');
    expect(of('NewBackend', { name: 'web', app: 'web' })).toContain('split');
    expect(of('NewBackend', { name: 'web', app: 'web', split: { '1': 1 } })).toBeUndefined();
    expect(of('NewBackend', { name: 'web', app: 'web', split: { '1': 1001 } })).toContain('split');
    expect(of('BackendChange', { version: '1', split: { '1': 1 } })).toContain('NOT');
    expect(of('Renewals', { ids: ['a', { id: 'b', instance: 'c' }] })).toBeUndefined();
    expect(of('Renewals', { ids: [3] })).toContain('ids');
    expect(of('Renewals', { ids: Array.from({ length: 10_001 }, () => 'a') })).toContain('10000');
  });

  it('have patterns that validators without classes of Unicode know, too', () => {
    const patterns = JSON.stringify(description).match(/"pattern":"(?:[^"\\]|\\.)*"/g)!;
    expect(patterns.length).toBeGreaterThan(10);
    expect(patterns.filter((one) => one.includes('\\p'))).toEqual([]);
    for (const odd of ['a b', 'a/b', 'a\u0000', 'a\u0085', 'a\u200b', 'a\ufeff', ''])
      expect({ odd, wrong: of('NewFrontend', { name: odd }) }).toEqual({ odd, wrong: expect.any(String) });
    for (const name of ['a', 'ä', '1.2.3+5', '日本', '🙂']) expect(of('NewFrontend', { name })).toBeUndefined();
  });

  it('have types, without which generators of clients write wrong code', () => {
    const all: Record<string, unknown>[] = [];
    JSON.stringify(description, (key, one: unknown) => {
      if (typeof one === 'object' && one !== null && key !== 'example') all.push(one as Record<string, unknown>);
      return key === 'example' || key === 'examples' || key === 'then' ? undefined : one;
    });
    expect(all.filter((one) => 'const' in one && !('type' in one))).toEqual([]);
    const objects = all.filter(({ type }) => type === 'object');
    expect(objects.filter((one) => !('properties' in one) && !('additionalProperties' in one))).toEqual([]);
  });

  it('are named for each of several shapes, for generators of clients', () => {
    const shapes = JSON.stringify(description.components.schemas).match(/"anyOf":\[\{"type":"object".*?\}\]/g) ?? [];
    expect(shapes.filter((one) => !one.includes('"null"'))).toEqual([]);
  });

  it('say in words what no schema can say', () => {
    const { app } = description.components.schemas.NewRegistration!.properties as Record<
      string,
      { description: string }
    >;
    expect(app!.description).toBe(
      "The name of the app. Must not contain slashes, white space or control characters. Must be in Unicode normalization form C (NFC). Must not be '.' or '..'.",
    );
  });

  it('know every type of event', () => {
    const { anyOf } = description.components.schemas.Event as { anyOf: { $ref: string }[] };
    const types = anyOf.flatMap(({ $ref }) => {
      const { type } = description.components.schemas[$ref.slice(refPrefix.length)]!.properties as { type: Types };
      return type.enum ?? [type.const];
    });
    expect(types.sort()).toEqual([...eventTypes, 'condition', 'snapshot'].sort());
  });
});

interface Types {
  enum?: string[];
  const?: string;
}
