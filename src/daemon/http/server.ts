/** The HTTP server that Express runs on. */

import { createServer, IncomingMessage, ServerResponse, type Server } from 'node:http';
import express, { type Express } from 'express';

/**
 * An Express app and a server whose requests and responses have the app's prototypes from birth. Express
 * would otherwise swap the prototype of each, and V8 gives up optimising objects to which that happens: it
 * more than halves the throughput. The app is not listening on the server yet: `createApi` sees to that.
 */
export function createExpressServer(): { app: Express; server: Server } {
  const app = express();
  app.disable('x-powered-by');
  app.enable('case sensitive routing');
  const server = createServer({
    IncomingMessage: withPrototype(IncomingMessage, app.request),
    ServerResponse: withPrototype(ServerResponse, app.response),
  });
  // Longer than the pools of common clients keep a connection, so that it is not us who closes one in use.
  server.keepAliveTimeout = 75_000;
  server.headersTimeout = 15_000;
  server.requestTimeout = 60_000;
  return { app, server };
}

/**
 * `Base`, constructing objects whose prototype is exactly `prototype`, which inherits from Base's own. Node's
 * constructors are functions of one and two arguments; naming them is faster than spreading or `Reflect`.
 */
function withPrototype<T extends new (...args: never[]) => object>(Base: T, prototype: object): T {
  const construct = Base as unknown as (this: unknown, first: unknown, second: unknown) => void;
  function Derived(this: unknown, first: unknown, second: unknown): void {
    construct.call(this, first, second);
  }
  Derived.prototype = prototype;
  return Derived as unknown as T;
}
