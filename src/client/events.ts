/**
 * A durable event stream: it reconnects, resumes, and moves to another daemon, so that the consumer sees every change,
 * or a snapshot if it may have missed some.
 */

import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { createParser } from 'eventsource-parser';
import { UnreachableError } from '../model/errors.js';
import type { BenderEvent, EventType } from '../model/events.js';
import { readAnswer, toFailure } from './answers.js';
import { caveatsIn, doubtsIn } from './caveats.js';
import { openStream, saidIn } from './http.js';
import type { Servers } from './servers.js';
import { DoubtFailure, ServerFailure } from './servers.js';
import type { Timers } from './timers.js';
import { realTimers } from './timers.js';
import { call } from './warnings.js';

/** Which events to send; default: all. The snapshot is filtered likewise. */
export interface EventFilter {
  app?: string | undefined;
  /** May be a semver range. */
  version?: string | undefined;
  /** Only registrations with these metadata; dots in a name lead into objects. */
  meta?: Readonly<Record<string, string>> | undefined;
  types?: readonly EventType[] | undefined;
}

export interface EventOptions {
  /** Ends the iteration. */
  signal?: AbortSignal | undefined;
  /** Resume after this event of an earlier iteration. */
  lastEventId?: string | undefined;
  /**
   * Take events only from a daemon that is neither warming nor stale: a connection to such a one is closed, and it is
   * waited for if there is no other. The events may then be acted upon.
   */
  trusted?: boolean | undefined;
  /**
   * True: keep trying if no server can be reached at first. False: do not even wait for a daemon that cannot be trusted
   * yet. Default: wait for such a daemon, and fail if none can be reached.
   */
  persistent?: boolean | undefined;
  /** Called when a daemon has accepted the stream, at first and again after each loss. */
  onConnect?: ((connected: { server: string }) => void) | undefined;
  /** Called when a connection is lost, before the next one is tried. */
  onDisconnect?: ((lost: { server: string; reason: string }) => void) | undefined;
  /**
   * Milliseconds of silence after which a connection counts as lost; default 15000. Daemons send something every 5 s.
   */
  idleMs?: number | undefined;
  /** Milliseconds that a server has to begin its answer. */
  timeoutMs?: number | undefined;
  timers?: Timers | undefined;
}

export interface WatchedEvent {
  /** Position in the stream of the daemon that sent it. */
  id: string;
  event: BenderEvent;
  /** The server that sent it. */
  server: string;
}

/** Milliseconds before a lost connection is retried: at first, and at most. */
const pauseMs = { first: 100, most: 2000 };

/**
 * Throws UnreachableError if no server can be reached at first (unless `persistent`), and the error of a daemon for a
 * bad filter. Once it has connected, it retries for ever.
 */
export async function* watchEvents(
  servers: Servers,
  filter: EventFilter,
  options: EventOptions & { timeoutMs: number },
): AsyncGenerator<WatchedEvent, void, undefined> {
  const { signal, timers = realTimers, trusted = false, persistent } = options;
  let lastEventId = options.lastEventId;
  let connectedBefore = false;
  const onDoubt = (): void => void (connectedBefore ||= persistent !== false);
  let pause = pauseMs.first;
  while (!signal?.aborted) {
    let reason: string;
    try {
      const { server, response } = await connect(servers, filter, lastEventId, options, onDoubt);
      connectedBefore = true;
      call(() => options.onConnect?.({ server }));
      for await (const { id, event } of read(response, options.idleMs)) {
        if (signal?.aborted) return;
        servers.status.marked(server, event);
        const doubts = trusted ? doubtsIn(event) : undefined;
        if (doubts !== undefined) {
          // A resumed stream would begin after events that could not be trusted.
          lastEventId = undefined;
          throw new DoubtFailure(doubts);
        }
        lastEventId = id;
        pause = pauseMs.first;
        yield { id, event, server };
      }
      reason = 'the daemon ended the stream';
      servers.status.lost(server, reason);
    } catch (error) {
      if (signal?.aborted) return;
      if (!connectedBefore && !(persistent && error instanceof UnreachableError)) throw error;
      reason = toFailure(error).message;
      if (!(error instanceof DoubtFailure || error instanceof UnreachableError))
        servers.status.lost(servers.current, reason);
    }
    call(() => options.onDisconnect?.({ server: servers.current, reason }));
    await timers.sleep(pause * (0.5 + timers.random() / 2), signal);
    pause = Math.min(pauseMs.most, 2 * pause);
  }
}

async function connect(
  servers: Servers,
  filter: EventFilter,
  lastEventId: string | undefined,
  { timeoutMs, signal, trusted }: EventOptions & { timeoutMs: number },
  onDoubt: () => void,
): Promise<{ server: string; response: IncomingMessage }> {
  const headers = { accept: 'text/event-stream', ...(lastEventId && { 'last-event-id': lastEventId }) };
  const path = `/events${query(filter)}`;
  return servers.first(async (server, credentials) => {
    const request = {
      method: 'GET',
      path,
      headers: { ...headers, ...credentials },
      timeoutMs,
      signal,
      tls: servers.credentials,
    } as const;
    const response = await openStream(server, request).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw toFailure(error);
    });
    const said = saidIn(response);
    if (response.statusCode !== 200 || said.type !== 'text/event-stream' || !said.isBender)
      await refuse(response, said);
    const caveats = caveatsIn(response.headers);
    servers.status.marked(server, caveats);
    const doubts = trusted ? doubtsIn(caveats) : undefined;
    if (doubts !== undefined) {
      response.destroy();
      // It can be reached, and will be warm later.
      onDoubt();
      throw new DoubtFailure(doubts);
    }
    return { server, response };
  });
}

/** Throws the error for a response that is no event stream. An endless response is not read. */
async function refuse(response: IncomingMessage, said: ReturnType<typeof saidIn>): Promise<never> {
  const isShort = said.isBender && said.type !== 'text/event-stream';
  const body = isShort ? await text(response) : '';
  response.destroy();
  readAnswer({ status: response.statusCode!, body, ...said });
  throw new ServerFailure(`answers ${response.statusCode}, but no events`);
}

function query({ app, version, meta = {}, types = [] }: EventFilter): string {
  const params = new URLSearchParams();
  if (app !== undefined) params.set('app', app);
  if (version !== undefined) params.set('version', version);
  for (const [name, text] of Object.entries(meta)) params.append(`meta.${name}`, text);
  for (const type of types) params.append('type', type);
  // Daemons send these events only to clients that ask for them.
  if (types.length === 0) params.set('drain-rules', 'true');
  // A `+` could be read literally.
  return params.size > 0 ? `?${params.toString().replaceAll('+', '%20')}` : '';
}

async function* read(response: IncomingMessage, idleMs = 15_000): AsyncGenerator<{ id: string; event: BenderEvent }> {
  const arrived: { id: string; event: BenderEvent }[] = [];
  const parser = createParser({
    onEvent: ({ id = '', data }) => arrived.push({ id, event: JSON.parse(data) as BenderEvent }),
  });
  response.setTimeout(idleMs, () => response.destroy(new Error(`silent for ${idleMs} ms`)));
  try {
    for await (const chunk of response.setEncoding('utf8')) {
      parser.feed(chunk as string);
      yield* arrived.splice(0);
    }
  } finally {
    response.destroy();
  }
}
