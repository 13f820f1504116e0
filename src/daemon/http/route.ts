/** Routes turn requests into replies. They know neither Express nor sockets. */

import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { type Access, accessOf } from './auth/access.js';
import type { Caller } from './auth/caller.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/**
 * A request as handlers see it; not to be spread, since what is not asked for is not made. Path parts are
 * percent-decoded.
 */
export interface ApiRequest<Param extends string = string> {
  params: Readonly<Record<Param, string>>;
  /** The part of the URL behind the question mark, parsed at each call. */
  query: () => URLSearchParams;
  headers: IncomingHttpHeaders;
  /** The address that it came from; empty if the connection is gone. */
  address: string;
  /** The parsed JSON body of a POST or PUT, or its bytes if the route is `raw`; undefined if there was none. */
  body: unknown;
  /** Whose token it has; undefined if there is none, or if this daemon has no tokens. */
  caller: Caller | undefined;
  /** Throws unless the caller may change resources of this app; undefined: resources without an app. */
  permit: (app: string | undefined) => void;
  /**
   * Throws OverloadedError if this daemon is overloaded. For urgent routes: their renewals are let in before it is
   * known whether they change anything as well.
   */
  admitChange: () => void;
}

/**
 * `body` is sent as JSON, unless it is Content or a Buffer: these are sent as they are, as JSON if no header says
 * otherwise.
 */
export interface Answer {
  status: number;
  headers?: OutgoingHttpHeaders;
  body?: unknown;
}

/** A reply that goes on: the handler has the response from here on. */
export interface Stream {
  headers: OutgoingHttpHeaders;
  stream: (response: ServerResponse) => void;
}

/** A reply that may take minutes, since it waits for a change. Its caller is a watcher meanwhile. */
export interface Late {
  /** Rejects without an answer when the connection is closed. */
  late: (response: ServerResponse) => Promise<Answer>;
}

/** A reply that can be sent. */
export type Complete = Answer | Stream;

export type Reply = Complete | Late;

export interface Route {
  method: Method;
  /** In Express's notation. */
  path: string;
  /** The access that it needs. */
  access: Access;
  /**
   * Whether it answers from the view: then it is refused while the view is unknown, and marked while it may be
   * incomplete.
   */
  reads: boolean;
  /** Whether it is marked so without being refused: it depends on the view and is needed always, or is a write. */
  marked: boolean;
  /** Whether it is answered in every phase of the daemon, also while it joins or leaves. */
  always: boolean;
  /** Whether it is answered ahead of Express, which takes twice the time. */
  hot: boolean;
  /**
   * Whether it is answered also while this daemon is overloaded: renewals and probes are, one of them only without a
   * body.
   */
  urgent: boolean | 'without-body';
  /** Whether it takes a body of any type, as a Buffer. */
  raw: boolean;
  handle: (request: ApiRequest) => Reply | Promise<Reply>;
}

/** The parameters that a path names: `'app' | 'version'` for `/registrations/:app/:version`. */
export type Params<Path extends string> = Path extends `${infer Head}/${infer Tail}`
  ? Params<Head> | Params<Tail>
  : Path extends `:${infer Name}`
    ? Name
    : never;

export type Traits = Partial<Pick<Route, 'reads' | 'marked' | 'always' | 'hot' | 'urgent' | 'raw'>>;

/**
 * Makes a route; omitted properties are false. Throws if the table of access rights has no row for it.
 *
 *     route('GET', '/backends/:name', { reads: true }, ({ params }) => ({ status: 200, body: find(params.name) }))
 */
export function route<Path extends string>(
  method: Method,
  path: Path,
  traits: Traits,
  handle: (request: ApiRequest<Params<Path>>) => Reply | Promise<Reply>,
): Route {
  const none = { reads: false, marked: false, always: false, hot: false, urgent: false, raw: false };
  return { method, path, access: accessOf(method, path), ...none, ...traits, handle };
}
