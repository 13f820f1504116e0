/**
 * What one Node process can do: answers 204 to a POST and a prepared body to anything else. Bare, as Express
 * routes, or as Express routes on a server made with matching prototypes.
 */

import { createServer, type Server } from 'node:http';
import express, { type Express } from 'express';
import { createExpressServer } from '../../src/daemon/http/server.js';
import type { ReferenceKind } from './processes.js';

const [, , kind, port] = process.argv as [string, string, ReferenceKind, string];
const { BODY = '', BODY_LENGTH: length } = process.env;
const body = length === undefined ? Buffer.from(BODY) : Buffer.alloc(Number(length), 'x');
const headers = { 'content-type': 'application/json; charset=utf-8', 'content-length': body.length };

function bare(): Server {
  return createServer((request, response) => {
    if (request.method === 'POST') response.writeHead(204).end();
    else response.writeHead(200, headers).end(body);
  });
}

function routes(app: Express): Express {
  app.post('/registrations/:app/:version/:host/:port', (_, response) => void response.status(204).end());
  app.get('/registrations/:app/:version', (_, response) => void response.writeHead(200, headers).end(body));
  return app;
}

function matching(): Server {
  const { app, server } = createExpressServer();
  server.on('request', routes(app));
  return server;
}

const servers: Record<ReferenceKind, () => Server> = {
  bare,
  express: () => createServer(routes(express())),
  matching,
};

const server = servers[kind]();
server.keepAliveTimeout = 75_000;
server.listen(Number(port), '127.0.0.1', () => process.stdout.write('listening\n'));
