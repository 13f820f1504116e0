/** Whether an exchange with a daemon is as the description of the API says. */

import { accessTable } from '../../src/daemon/http/auth/access.js';
import { statusOf } from '../../src/daemon/http/errors.js';
import { daemonHeader } from '../../src/model/daemon.js';
import type { DescribedOperation, DescribedParameter, MediaType } from '../../src/openapi/description.js';
import { foreignProtocol } from '../../src/openapi/foreign.js';
import type { Exchange } from './record-traffic.js';
import { description, wrongWith } from './schemas.js';

interface Path {
  shape: RegExp;
  names: string[];
  methods: Readonly<Record<string, DescribedOperation>>;
}

/** Literal paths come first: `/backends/{name}` would match them. */
const paths: readonly Path[] = Object.entries(description.paths)
  .sort(([a], [b]) => a.split('{').length - b.split('{').length)
  .map(([template, methods]) => ({
    shape: new RegExp(`^${template.replaceAll('.', '\\.').replace(/\{\w+\}/g, '([^/]+)')}/?$`),
    names: [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!),
    methods,
  }));

const foreignPaths = Object.keys(accessTable)
  .filter((route) => foreignProtocol(route))
  .map((route) => route.split(' ')[1]!)
  .map(
    (path) =>
      new RegExp(
        `^${path.replaceAll('\\', '').replace(/[:*]\w+/g, (part) => (part.length > 1 ? '.+' : part))}/?$`,
        'i',
      ),
  );

/** Of paths and methods that do not exist. The description names these codes in its text. */
const errorBody = {
  type: 'object',
  properties: { code: { enum: Object.keys(statusOf) }, message: { type: 'string' }, role: {}, replacedBy: {} },
  required: ['code', 'message'],
};

/** What the description does not allow; undefined if it allows all. */
export function undescribed(exchange: Exchange): string | undefined {
  const { method, url, status } = exchange;
  const found = problemOf(exchange);
  if (found === undefined) return undefined;
  return `${method} ${url} was answered with ${status}: ${found}. Describe it (CONTRIBUTING.md, "Common changes"): ${JSON.stringify(exchange.body)?.slice(0, 300)}`;
}

function problemOf(exchange: Exchange): string | undefined {
  const { method, url, status, headers } = exchange;
  const [path, search] = url.split('?', 2) as [string, string?];
  if (headers[daemonHeader] === undefined) return `it has no header ${daemonHeader}`;
  const match = matchOf(path);
  if (!match)
    return foreignPaths.some((shape) => shape.test(path)) || path === '/' ? undefined : errorProblem(exchange);
  const operation = match.methods[method === 'HEAD' ? 'get' : method.toLowerCase()];
  if (!operation || status === 417) return errorProblem(exchange);
  return (
    answerProblem(exchange, operation) ??
    (status < 400 ? requestProblem(exchange, operation, match.values, new URLSearchParams(search ?? '')) : undefined)
  );
}

function matchOf(path: string): { methods: Path['methods']; values: Record<string, string> } | undefined {
  for (const { shape, names, methods } of paths) {
    const values = shape.exec(path);
    if (values) return { methods, values: Object.fromEntries(names.map((name, at) => [name, values[at + 1]!])) };
  }
  return undefined;
}

/** For paths and methods that do not exist. */
function errorProblem({ method, status, body }: Exchange): string | undefined {
  if (status < 400) return 'there is no such route in the description';
  return method === 'HEAD' || body === null ? undefined : bodyProblem({ schema: errorBody }, body);
}

function bodyProblem({ schema }: MediaType, body: string | undefined): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body ?? '');
  } catch {
    return 'its body is not JSON';
  }
  const wrong = wrongWith(schema, value);
  return wrong && `its body is not as described: ${wrong}`;
}

function answerProblem({ method, status, headers, body }: Exchange, operation: DescribedOperation): string | undefined {
  let response = operation.responses[status];
  if (response && '$ref' in response)
    response = description.components.responses[response.$ref.slice('#/components/responses/'.length)];
  if (!response || '$ref' in response)
    return `${operation.operationId} has no answer with this status in the description`;
  for (const [name, { schema }] of Object.entries(description.components.headers)) {
    const value = headers[name.toLowerCase()];
    if (value === undefined || name === 'Content-Security-Policy') continue;
    if (!Object.hasOwn(response.headers, name)) return `the header ${name} is not described for it`;
    const wrong = wrongWith(schema, String(value));
    if (wrong) return `the header ${name} is not as described: ${wrong}`;
  }
  if (method === 'HEAD' || body === null) return undefined;
  if (!response.content) return body === undefined ? undefined : 'it has content that is not described';
  const type = String(headers['content-type']).split(';')[0]!;
  const media = response.content[type] ?? response.content['*/*'];
  if (!media) return `its content has a type that is not described: ${type}`;
  if (type === 'text/event-stream') return eventProblem(body);
  return type === 'application/json' ? bodyProblem(media, body) : undefined;
}

/** A block is an event, a comment, or says when to come back. */
function eventProblem(block = ''): string | undefined {
  const [, event, data] = /^id: .+\nevent: (.+)\ndata: (.+)$/.exec(block) ?? [];
  if (data === undefined) return /^(: idle|retry: \d+)$/.test(block) ? undefined : 'it has a block that is no event';
  const problem = bodyProblem({ schema: { $ref: '#/components/schemas/Event' } }, data);
  return (
    problem ?? ((JSON.parse(data) as { type: string }).type === event ? undefined : 'its type is not that of its data')
  );
}

/** What was accepted is to be described. */
function requestProblem(
  { requestHeaders, requestBody }: Exchange,
  { parameters = [], requestBody: described }: DescribedOperation,
  inPath: Record<string, string>,
  query: URLSearchParams,
): string | undefined {
  for (const parameter of parameters)
    for (const value of valuesOf(parameter, inPath, query, requestHeaders)) {
      const wrong = wrongWith(parameter.schema, value);
      if (wrong) return `the parameter ${parameter.name} of the request is not as described: ${wrong}`;
    }
  const unknown = [...query.keys()].find((key) => !isDescribed(key, parameters) && !/^unknown/.test(key));
  if (unknown !== undefined) return `the parameter ${unknown} of the request is not described`;
  if (!described || requestBody === null) return undefined;
  if (requestBody === undefined) return described.required ? 'the request has no body, which is required' : undefined;
  const wrong = wrongWith(described.content['application/json']!.schema, JSON.parse(requestBody));
  return wrong && `the body of the request is not as described: ${wrong}`;
}

/** Parameters that tests make up begin with `unknown`: they have no effect. */
const isDescribed = (key: string, parameters: readonly DescribedParameter[]): boolean =>
  parameters.some(({ name, in: place, schema }) => place === 'query' && keyMatcher(name, schema)(key));

/** Each key of an object is a parameter by itself: those of `meta` are `meta.zone`, `meta.rack.row`, … */
const keyMatcher =
  (name: string, schema: object): ((key: string) => boolean) =>
  (key) =>
    (schema as { type?: string }).type === 'object' ? key.startsWith(`${name}.`) : key === name;

function valuesOf(
  { name, in: place, required, schema, explode }: DescribedParameter,
  inPath: Record<string, string>,
  query: URLSearchParams,
  headers: Exchange['requestHeaders'],
): unknown[] {
  const { type } = schema as { type?: string };
  const typed = (text: string): unknown => (type === 'integer' && /^\d+$/.test(text) ? Number(text) : text);
  if (place === 'path') return [typed(decodeURIComponent(inPath[name]!))];
  if (place === 'header') return [headers[name.toLowerCase()] ?? []].flat();
  const given = [...query].filter(([key]) => keyMatcher(name, schema)(key));
  if (given.length === 0) return required ? [undefined] : [];
  if (type === 'object') return [Object.fromEntries(given)];
  const values = given.map(([, value]) => value);
  if (type !== 'array') return values.map(typed);
  // A list may be empty, and a list with commas may be repeated, too.
  return [explode === false ? values.flatMap((value) => value.split(',')).filter((value) => value !== '') : values];
}
