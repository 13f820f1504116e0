/** The routes of the surfaces. What a surface is made of is loaded with its first request. */

import { BenderError } from '../../model/errors.js';
import type { Log } from '../core/log.js';
import type { Contents } from '../http/contents.js';
import { errorAnswer } from '../http/errors.js';
import { type Answer, type ApiRequest, type Method, type Reply, route, type Route } from '../http/route.js';
import { SurfaceAnswers } from './answers.js';
import type { SurfaceCounts } from './counts.js';
import { isUnsure, type RouteKey, type Surface, type SurfaceContext, type SurfaceHandlers } from './surface.js';

export interface SurfaceParts extends Omit<SurfaceContext, 'answers'> {
  contents: Contents;
  counts: SurfaceCounts;
  log: Log;
}

export const surfaceRoutes = (surfaces: readonly Surface[], parts: SurfaceParts): Route[] =>
  surfaces.flatMap((surface) => routesOf(surface, parts));

function routesOf({ name, routes, load }: Surface, { contents, counts, log, ...context }: SurfaceParts): Route[] {
  let opened: SurfaceHandlers | undefined;
  const open = async (): Promise<SurfaceHandlers> => {
    const { open } = await load();
    return (opened ??= open({ ...context, answers: new SurfaceAnswers(name, contents, counts) }));
  };
  /** An error as the clients of the surface understand it. Throws it if it is not for them to see. */
  const failureOf = (error: unknown): Answer => {
    if (!(error instanceof BenderError) || !opened?.failure) throw error;
    return opened.failure(error, errorAnswer(error, log));
  };
  const countedAnswer = (answer: Answer): Answer => {
    counts.answered(name, answer.status);
    return answer;
  };
  const counted = (reply: Reply): Reply => {
    if ('late' in reply)
      return {
        late: async (response) => {
          try {
            return countedAnswer(await reply.late(response));
          } catch (error) {
            // A client that has gone gets no answer.
            if (response.destroyed) throw error;
            return countedAnswer(failureOf(error));
          }
        },
      };
    if ('stream' in reply) counts.answered(name, 200);
    return 'stream' in reply ? reply : countedAnswer(reply);
  };
  return Object.entries(routes).map(([key, { reads, ...traits }]) => {
    const [method, path] = key.split(' ', 2) as [Method, string];
    const answer = (surface: SurfaceHandlers, request: ApiRequest): Reply | Promise<Reply> => {
      const failed = (error: unknown): Reply => countedAnswer(failureOf(error));
      try {
        if (reads && isUnsure(context.registry)) return counted(surface.keep(request));
        const reply = surface.handlers[key as RouteKey]!(request);
        return reply instanceof Promise ? reply.then(counted, failed) : counted(reply);
      } catch (error) {
        return failed(error);
      }
    };
    return route(method, path, { ...traits, marked: true }, (request) =>
      opened ? answer(opened, request) : open().then((surface) => answer(surface, request)),
    );
  });
}
