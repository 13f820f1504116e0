/** Puts the description of the API together, as OpenAPI 3.1 has it (https://spec.openapis.org/oas/v3.1.1). */

import { accessOf } from '../daemon/http/auth/access.js';
import { rolesFor } from '../model/roles.js';
import { requestSchemas } from '../model/validate.js';
import { answers } from './answers.js';
import { daemonAnswers } from './daemon-answers.js';
import { errorResponses, errorSchemas, errorsOf } from './errors.js';
import { headers, refTo } from './headers.js';
import { type JsonSchemas, toJsonSchemas } from './json-schema.js';
import { withMeanings } from './meanings.js';
import { type Operation, type Parameter, type Result, tags } from './operation.js';
import { catalog } from './operations/catalog.js';
import { daemon } from './operations/daemon.js';
import { inPath } from './operations/parameters.js';
import { registrations } from './operations/registrations.js';
import { refToSchema } from './refs.js';

export const operations: readonly Operation[] = [...registrations, ...catalog, ...daemon];

/** The bodies of requests, by the names that they have in the description. */
const requests = {
  NewRegistration: requestSchemas.registration,
  RegistrationOptions: requestSchemas.options,
  Renewals: requestSchemas.renewals,
  State: requestSchemas.state,
  Health: requestSchemas.health,
  NewBackend: requestSchemas.backend,
  BackendChange: requestSchemas.backendChange,
  NewFrontend: requestSchemas.frontend,
  FrontendChange: requestSchemas.frontendChange,
  NewDrainRule: requestSchemas.drainRule,
  DrainRuleChange: requestSchemas.drainRuleChange,
};

/** @param onMeaning  is told each meaning that is used */
export const schemas = (onMeaning?: (key: string) => void): JsonSchemas =>
  withMeanings(
    {
      ...toJsonSchemas(requests, 'input'),
      ...toJsonSchemas({ ...answers, ...daemonAnswers, ...errorSchemas }, 'output'),
    },
    onMeaning,
  );

export interface Description {
  openapi: string;
  info: { title: string; version: string; description: string };
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, DescribedOperation>>;
  components: { schemas: JsonSchemas; responses: Record<string, DescribedResponse>; headers: typeof headers };
}

export interface DescribedOperation {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string;
  security: Record<string, readonly string[]>[];
  parameters?: DescribedParameter[];
  requestBody?: { required: boolean; content: Record<string, MediaType> };
  responses: Record<string, DescribedResponse | { $ref: string }>;
}

export interface DescribedParameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required: boolean;
  description: string;
  schema: object;
  explode?: boolean;
  example?: unknown;
}

export interface DescribedResponse {
  description: string;
  headers: Record<string, { $ref: string }>;
  content?: Record<string, MediaType>;
}

export interface MediaType {
  schema: object;
  example?: unknown;
  examples?: Record<string, { value: unknown }>;
}

/** @param version  of bender */
export function describeApi(version: string): Description {
  const paths: Description['paths'] = {};
  for (const operation of operations) {
    const [method, path] = operation.route.split(' ') as [string, string];
    const template = path.replace(/:(\w+)/g, '{$1}');
    paths[template] = { ...paths[template], [method.toLowerCase()]: described(operation, method, path) };
  }
  const description = {
    openapi: '3.1.1',
    info: {
      title: 'bender',
      version,
      summary: 'A distributed, expiring, masterless service registry',
      description: about,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'This daemon. Every daemon serves the same API about the whole cluster.' }],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: schemas(),
      responses: errorResponses as Record<string, DescribedResponse>,
      headers,
      securitySchemes,
    },
  };
  return description;
}

const about = `Every daemon of a cluster serves this API; ask any of them. Bodies are JSON in UTF-8.

Every \`GET\` may also be asked by \`HEAD\`. Unknown parameters of a query are ignored; unknown fields of a body are refused. Answers may get more fields in later versions.

While a daemon joins its cluster, and while it leaves, it closes connections without an answer, except those for \`/livez\` and \`/readyz\`. Treat this like any failed connection: ask another daemon.

A daemon with \`--tokens\` asks for a token: \`Authorization: Bearer TOKEN\`, Basic credentials with the token as the password, or \`X-Consul-Token: TOKEN\`. Each operation names the roles that may do it. A daemon with \`--tls-client-auth\` also asks every client for a certificate of its CA.

Paths that are not here get 404 with the code \`NOT_FOUND\`, other methods 405 with \`METHOD_NOT_ALLOWED\` and \`Allow\`. A request that breaks HTTP itself gets 400, 408, 413, 417 or 431, and its connection is closed. The protocols of other programs, such as Prometheus, Consul, Eureka, Traefik, Envoy and DNS, are described where they are defined; the documentation of bender says how much of each a daemon speaks.`;

const securitySchemes = {
  token: {
    type: 'http',
    scheme: 'bearer',
    description: 'A token, if the daemon has any (`--tokens`). Each operation names the roles that may do it.',
  },
  password: {
    type: 'http',
    scheme: 'basic',
    description: 'The same token as the password; the name is of no matter.',
  },
  consulToken: { type: 'apiKey', in: 'header', name: 'X-Consul-Token', description: 'The same token.' },
};

function described(operation: Operation, method: string, path: string): DescribedOperation {
  const { id, tag, summary, notes, body, results } = operation;
  const access = accessOf(method, path);
  const parameters = parametersOf(operation, path);
  const all = Object.entries(results).map(([status, result]) => [status, responseOf(operation, result)] as const);
  const errors = errorsOf(operation, access).map(
    (status) => [String(status), { $ref: `#/components/responses/Error${status}` }] as const,
  );
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(notes && { description: notes }),
    security: securityOf(access.need === 'nothing' ? undefined : rolesFor[access.need]),
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: {
        required: body.required,
        content: {
          'application/json': {
            schema: refToSchema(body.schema),
            examples: Object.fromEntries(
              Object.entries(body.examples).map(([summary, value]) => [keyOf(summary), { summary, value }]),
            ),
          },
        },
      },
    }),
    responses: Object.fromEntries<DescribedResponse | { $ref: string }>([...all, ...errors]),
  };
}

/** A daemon without tokens asks for none. */
const securityOf = (roles: readonly string[] | undefined): DescribedOperation['security'] =>
  roles ? [{ token: roles }, { password: roles }, { consulToken: roles }, {}] : [];

function parametersOf({ path: own = [], query = [], headers = [] }: Operation, path: string): DescribedParameter[] {
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name!);
  const known = (name: string): Parameter => own.find((one) => one.name === name) ?? inPath[name]!;
  const one =
    (place: DescribedParameter['in']) =>
    ({ name, meaning, schema, example, required, isJoined }: Parameter): DescribedParameter => ({
      name,
      in: place,
      required: place === 'path' || required === true,
      description: meaning,
      schema,
      ...(isJoined && { explode: false }),
      ...(example !== undefined && { example }),
    });
  return [...names.map(known).map(one('path')), ...query.map(one('query')), ...headers.map(one('header'))];
}

function responseOf(
  { marked }: Operation,
  { meaning, schema, type = 'application/json', headers = [], example }: Result,
): DescribedResponse {
  const names = [...headers, 'X-Bender' as const, ...(marked ? (['X-Bender-Warming', 'X-Bender-Stale'] as const) : [])];
  const shape = typeof schema === 'string' ? refToSchema(schema) : schema;
  return {
    description: meaning,
    headers: Object.fromEntries(names.map((name) => [name, refTo(name)])),
    ...(shape && { content: { [type]: { schema: shape, example } } }),
  };
}

const keyOf = (summary: string): string => summary.toLowerCase().replace(/[^a-z0-9]+/g, '-');
