/**
 * What a surface is: the registry in the words of another program. It is a pure translation, and keeps no state that
 * would have to be kept in step. docs/surfaces.md says how to write one more.
 */

import type { Status } from '../../model/daemon.js';
import type { BenderError } from '../../model/errors.js';
import type { Registry } from '../core/registry.js';
import type { PeerTraffic } from '../peer/peer-traffic.js';
import type { Register } from '../http/registrations.js';
import type { Watchers } from '../http/watchers.js';
import type { Answer, ApiRequest, Method, Params, Reply, Traits } from '../http/route.js';
import type { SurfaceAnswers } from './answers.js';
import type { SurfaceCounts } from './counts.js';

/** A method and a path in Express's notation: `GET /sd/prometheus`. */
export type RouteKey = `${Method} /${string}`;

type PathOf<Key extends RouteKey> = Key extends `${Method} ${infer Path}` ? Path : never;

export interface SurfaceTraits extends Pick<Traits, 'hot' | 'raw' | 'urgent'> {
  /** Whether it says what is online. Such routes answer only while the view can be trusted. */
  reads: boolean;
}

/** The part of a surface that every daemon loads. The rest is loaded with the first request. */
export interface Surface<Key extends RouteKey = RouteKey> {
  /** As `--without` takes it. */
  name: string;
  /** For the help and the documentation: which programs call it. */
  what: string;
  /** Each needs a row in the table of access rights. */
  routes: Readonly<Record<Key, SurfaceTraits>>;
  load: () => Promise<{ open: OpenSurface<Key> }>;
}

/** Makes the handlers of a surface. */
export type OpenSurface<Key extends RouteKey> = (context: SurfaceContext) => SurfaceHandlers<Key>;

export interface SurfaceHandlers<Key extends RouteKey = RouteKey> {
  handlers: { [K in Key]: (request: ApiRequest<Params<PathOf<K>>>) => Reply | Promise<Reply> };
  /** The answer to a route that `reads` while the view cannot be trusted: its client keeps what it has. */
  keep: (request: ApiRequest) => Answer;
  /** An error as its clients understand it. Default: `{code, message}`. */
  failure?: (error: BenderError, answer: Answer) => Answer;
}

/** What surfaces are made of. */
export interface SurfaceContext {
  registry: Registry;
  answers: SurfaceAnswers;
  register: Register;
  /** Those that wait for changes. */
  watchers: Watchers;
  /** Aborted when the daemon leaves: replies that wait then end without an answer. */
  leaving: AbortSignal;
  vitals: Vitals;
}

/** What the metrics show beside the registry. */
export interface Vitals {
  status: () => Promise<Status>;
  traffic: Readonly<PeerTraffic>;
  counts: SurfaceCounts;
}

/** Checks that each route has its handler. All surfaces then have one type, whatever their paths name. */
export const surface = <Key extends RouteKey>(declared: Surface<Key>): Surface => declared;

/** Whether what is absent may be there in fact, or the other way round. */
export function isUnsure({ synced, caveats }: Pick<Registry, 'synced' | 'caveats'>): boolean {
  return !synced || caveats.warming === true || caveats.stale === true;
}
