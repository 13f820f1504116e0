/** The HTTP server that Express runs on. */

import { createServer, IncomingMessage, ServerResponse, type Server } from 'node:http';
import { createServer as createSecureServer, type ServerOptions } from 'node:https';
import express, { type Express } from 'express';

/**
 * An Express app and a server whose requests and responses have the app's prototypes from birth. Express would
 * otherwise swap the prototype of each, and V8 gives up optimising objects to which that happens: it more than halves
 * the throughput. They are classes that extend Node's, since V8 then makes room in the objects for what Node's
 * constructors put there; made by calling those from a function, each takes 3 µs more. The app is not listening on the
 * server yet: `createApi` sees to that.
 * @param tls  has it speak TLS
 */
export function createExpressServer(tls?: ServerOptions): { app: Express; server: Server } {
  const app = express();
  app.disable('x-powered-by');
  app.enable('case sensitive routing');
  class Request extends IncomingMessage {}
  class Response extends ServerResponse {}
  Object.setPrototypeOf(Request.prototype, app.request);
  Object.setPrototypeOf(Response.prototype, app.response);
  app.request = Request.prototype as unknown as typeof app.request;
  app.response = Response.prototype as unknown as typeof app.response;
  const options = {
    // The guard asks for it, and answers with a body.
    requireHostHeader: false,
    IncomingMessage: Request,
    ServerResponse: Response,
    connectionsCheckingInterval: 5000,
  };
  const server = tls ? createSecureServer({ ...options, ...tls }) : createServer(options);
  // Longer than the pools of common clients keep a connection, so that the daemon does not close one in use.
  server.keepAliveTimeout = 75_000;
  server.headersTimeout = 15_000;
  server.requestTimeout = 60_000;
  return { app, server };
}
