/** The API of the daemon that served this page, with the token that the user has entered. */

import { signal } from '@preact/signals';
import type { Backend, Split } from '../model/catalog.js';
import type { DaemonInfo, Status } from '../model/daemon.js';
import type { DrainRule, DrainRuleFields } from '../model/drain-rule.js';
import type { ErrorBody } from '../model/errors.js';
import type { Edit } from '../model/history.js';
import type { LeaseInfo } from '../model/lease.js';
import type { Registration } from '../model/registration.js';
import type { WhoAmI } from '../model/whoami.js';

/** It is kept for this tab only, and is never part of a URL. */
const storageKey = 'bender-token';

export const token = signal(sessionStorage.getItem(storageKey) ?? '');

export function useToken(value: string): void {
  token.value = value.trim();
  if (token.value === '') sessionStorage.removeItem(storageKey);
  else sessionStorage.setItem(storageKey, token.value);
}

/** The daemon has refused a request, or could not be reached: then `status` is 0. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** Headers of every request. */
export const credentials = (): Record<string, string> =>
  token.value === '' ? {} : { authorization: `Bearer ${token.value}` };

/** The error that a response stands for. */
export async function errorIn(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => ({}))) as Partial<ErrorBody>;
  return new ApiError(response.status, body.code ?? 'UNKNOWN', wordsFor(response.status, body));
}

/** What a user can do about it, if that is not what the daemon says. */
function wordsFor(status: number, { code, message, role }: Partial<ErrorBody>): string {
  if (code === 'TOKEN_MISSING') return `This needs a token with the role '${role}'. Enter one under "Token".`;
  if (status === 401) return `${sentence(message)} Enter another one under "Token".`;
  if (code === 'APP_NOT_ALLOWED' || code?.startsWith('NEEDS_')) return `Not allowed: ${message}.`;
  return message === undefined ? `The daemon returned ${status}.` : sentence(message);
}

/** Without what is for users of the command line. */
const sentence = (text = ''): string => `${text.charAt(0).toUpperCase()}${text.slice(1).replace(flags, '')}.`;

const flags = /: to [^:]+ all the same, use --force$| \(--token, or BENDER_TOKEN\)$/;

async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  const headers = {
    ...(method !== 'GET' && { 'idempotency-key': newKey() }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
  };
  const response = await send(path, { method, headers, body: body === undefined ? null : JSON.stringify(body) });
  return response.status === 204 ? (undefined as T) : bodyOf<T>(response);
}

/** Returns the response if it is a good one, or 304. Throws {@link ApiError}. */
async function send(path: string, { headers, ...request }: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { ...request, headers: { ...credentials(), ...headers }, cache: 'no-store' });
  } catch {
    throw unreachable();
  }
  if (!response.ok && response.status !== 304) throw await errorIn(response);
  return response;
}

/** Throws {@link ApiError} if the connection ends before the body does. */
const bodyOf = async <T>(response: Response): Promise<T> => {
  try {
    return (await response.json()) as T;
  } catch {
    throw unreachable();
  }
};

const unreachable = (): ApiError => new ApiError(0, 'UNREACHABLE', 'The daemon cannot be reached.');

export interface Listed<T> {
  list: T[];
  etag: string | undefined;
}

/** @param etag  of the list that is known: undefined is returned if it is still the same */
async function askForList<T>(path: string, etag: string | undefined): Promise<Listed<T> | undefined> {
  const response = await send(path, { headers: etag === undefined ? {} : { 'if-none-match': etag } });
  if (response.status === 304) return undefined;
  return { list: await bodyOf<T[]>(response), etag: response.headers.get('etag') ?? undefined };
}

/** Not `randomUUID`, which browsers have only for pages of https and of this machine. */
const newKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

const one = (name: string): string => encodeURIComponent(name);
const pathOf = ({ app, version, host, port }: Registration): string =>
  `/registrations/${one(app)}/${one(version)}/${one(host)}/${port}`;

export const api = {
  whoAmI: () => ask<WhoAmI>('GET', '/whoami'),
  status: () => ask<Status>('GET', '/status'),
  daemons: () => ask<DaemonInfo[]>('GET', '/daemons'),
  /** @param etag  of the list that is known: undefined is returned if it is still the same */
  unhealthy: (etag: string | undefined) => askForList<Registration>('/registrations?state=unhealthy', etag),
  leases: (ids: readonly string[]) =>
    ask<LeaseInfo[]>('GET', `/leases?${ids.map((id) => `registration=${one(id)}`).join('&')}`),
  history: (limit: number) => ask<Edit[]>('GET', `/history?limit=${limit}`),
  deploy: (backend: string, version: string, atLeast: number) =>
    ask<Backend>('PUT', `/backends/${one(backend)}?at-least=${atLeast}`, { version }),
  split: (backend: string, split: Split) => ask<Backend>('PUT', `/backends/${one(backend)}`, { split }),
  /** @param of  the change to undo, by its id in the history */
  rollback: (kind: Edit['kind'], name: string, of: string) =>
    ask<unknown>('POST', `/${kind}s/${one(name)}/rollback?of=${one(of)}`),
  /** Drains the instance that the user has seen, and no later one at its address. */
  setDraining: (registration: Registration, draining: boolean, reason: string, forMs?: number) =>
    ask<Registration>(
      'PUT',
      `${pathOf(registration)}/state${registration.instance === undefined ? '' : `?instance=${one(registration.instance)}`}`,
      { draining, ...(reason !== '' && { reason }), ...(forMs !== undefined && { forMs }) },
    ),
  createDrainRule: (rule: DrainRuleFields) => ask<DrainRule>('POST', '/drain-rules', rule),
  deleteDrainRule: (name: string) => ask<undefined>('DELETE', `/drain-rules/${one(name)}`),
};
