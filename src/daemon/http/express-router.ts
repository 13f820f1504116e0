/** The API in Express. */

import type { ErrorRequestHandler, Express } from 'express';
import { noRoute } from '../../model/daemon.js';
import { NotFoundError } from '../../model/errors.js';
import { printable } from '../../model/printable.js';
import type { Log } from '../core/log.js';
import type { Dispatch } from './dispatch.js';
import { errorAnswer, MethodNotAllowedError } from './errors.js';
import type { Route } from './route.js';
import { send } from './send.js';

/** Gives `app` the routes, and a JSON answer for everything that is none of them. */
export function mountRoutes(app: Express, routes: readonly Route[], dispatch: Dispatch, log: Log): void {
  for (const [path, ofPath] of byPath(routes)) {
    const target = app.route(path);
    for (const route of ofPath)
      target[lowerCase(route.method)]((request, response) =>
        dispatch(route, request.params as Record<string, string>, request, response),
      );
    const allow = ofPath.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ');
    target.all((request) => {
      throw new MethodNotAllowedError(request.method, request.path, allow);
    });
  }
  app.use((request) => {
    throw new NotFoundError(noRoute + printable(request.path));
  });
  // Express tells an error handler by its four parameters.
  const onError: ErrorRequestHandler = (error, request, response, next) =>
    response.headersSent ? next(error) : send(request, response, errorAnswer(error, log, request));
  app.use(onError);
}

function byPath(routes: readonly Route[]): Map<string, Route[]> {
  const paths = new Map<string, Route[]>();
  for (const route of routes) paths.set(route.path, [...(paths.get(route.path) ?? []), route]);
  return paths;
}

const lowerCase = <T extends string>(text: T): Lowercase<T> => text.toLowerCase() as Lowercase<T>;
