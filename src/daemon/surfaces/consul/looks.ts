/**
 * Answers look-ups with their index, and holds back those that wait for a change ("blocking queries":
 * https://developer.hashicorp.com/consul/api-docs/features/blocking).
 *
 * Questions that are the same wait together. Each is asked again when what it is about may have changed, one after the
 * other, and its clients get the answer if it is another one.
 */

import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { NotReadyError } from '../../../model/errors.js';
import type { Made } from '../../http/contents.js';
import type { Answer, ApiRequest, Reply } from '../../http/route.js';
import type { Sliced } from '../../http/slices.js';
import { isUnsure, type SurfaceContext } from '../surface.js';
import { Indexes } from './indexes.js';
import { PacedQueue } from './paced-queue.js';
import { waitIn } from './questions.js';
import { keep } from './refusal.js';

export interface Question {
  /** Equal for equal questions. */
  key: string;
  /** Changes whenever the answer may. */
  stamp: () => string;
  make: () => Sliced<Made>;
  /** Another status and headers than usual. */
  as?: Pick<Answer, 'status' | 'headers'>;
}

/** ms in which changes come together, and looks at the daemon's condition, of which there is no news. */
const gatherMs = 10;
const conditionMs = 200;

interface Waiter {
  index: string;
  done: (answer: Answer | Promise<Answer>) => void;
}

/** The clients that wait for the answer to one question. */
interface Waiting {
  question: Question;
  /** As of the last look. */
  stamp: string | undefined;
  /** Whether it is being asked again, or waits in the queue for that. */
  isDue: boolean;
  /** When to look again at the earliest: looking takes at most a fifth of the time. */
  restsUntil: number;
  waiters: Set<Waiter>;
}

type Context = Pick<SurfaceContext, 'registry' | 'answers' | 'watchers' | 'leaving'>;

export class Looks {
  readonly #indexes: Indexes;
  readonly #waiting = new Map<string, Waiting>();
  #timer: NodeJS.Timeout | undefined;
  #isLookDue = false;
  readonly #queue = new PacedQueue();

  constructor(private readonly context: Context) {
    const { registry } = context;
    this.#indexes = new Indexes(registry.events.runId);
    registry.onChange(() => this.#lookSoon());
  }

  /** The answer now; or once it is another one than the client has, if it says which one that is. */
  answer({ query, headers, address }: ApiRequest, question: Question): Reply | Promise<Reply> {
    const wait = waitIn(query());
    const stamp = question.stamp();
    const present = this.#present(question, headers);
    if (wait === undefined) return present;
    const replyTo = (answer: Answer): Reply => {
      if (indexIn(answer) !== wait.index) return answer;
      this.context.watchers.admit(address);
      return { late: (response) => this.#wait({ question, stamp, ...wait, address, response }) };
    };
    return present instanceof Promise ? present.then(replyTo) : replyTo(present);
  }

  #present({ key, stamp, make, as }: Question, headers: ApiRequest['headers']): Answer | Promise<Answer> {
    const found = this.context.answers.once({ key, stamp: stamp(), headers }, make);
    const withIndex = (answer: Answer): Answer => ({
      ...answer,
      ...(as && { status: as.status, body: Buffer.alloc(0) }),
      headers: { ...answer.headers, ...as?.headers, ...this.#index(key, answer) },
    });
    return found instanceof Promise ? found.then(withIndex) : withIndex(found);
  }

  #index(key: string, { headers }: Answer): OutgoingHttpHeaders {
    return {
      'x-consul-index': String(this.#indexes.of(key, String(headers!.etag))),
      'x-consul-knownleader': 'true',
      'x-consul-lastcontact': '0',
    };
  }

  #wait(asked: {
    question: Question;
    stamp: string;
    index: string;
    ms: number;
    address: string;
    response: ServerResponse;
  }): Promise<Answer> {
    const { question, stamp, index, ms, address, response } = asked;
    const { watchers, leaving } = this.context;
    const { key } = question;
    const waiting = this.#waiting.get(key) ?? { question, stamp, isDue: false, restsUntil: 0, waiters: new Set() };
    this.#waiting.set(key, waiting);
    // What changed since the client was asked to wait is seen at the next look.
    if (waiting.stamp !== stamp) waiting.stamp = undefined;
    watchers.enter(address);
    this.#timer ??= setInterval(() => this.#look(), conditionMs).unref();
    this.#lookSoon();
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        response.off('close', gone);
        leaving.removeEventListener('abort', hangUp);
        watchers.leave(address);
        waiting.waiters.delete(waiter);
        if (waiting.waiters.size === 0 && this.#waiting.get(key) === waiting) this.#waiting.delete(key);
        if (this.#waiting.size > 0) return;
        clearInterval(this.#timer);
        this.#timer = undefined;
      };
      const gone = (): void => {
        end();
        reject(new NotReadyError('the client that waited has gone, or this daemon leaves'));
      };
      const hangUp = (): void => {
        response.destroy();
        gone();
      };
      const waiter: Waiter = {
        index,
        done: (answer) => {
          end();
          resolve(answer);
        },
      };
      const timer = setTimeout(() => waiter.done(this.#present(question, {})), ms).unref();
      waiting.waiters.add(waiter);
      response.once('close', gone);
      leaving.addEventListener('abort', hangUp);
      if (leaving.aborted) hangUp();
      else if (response.destroyed) gone();
    });
  }

  #lookSoon(): void {
    if (this.#waiting.size === 0 || this.#isLookDue) return;
    this.#isLookDue = true;
    setTimeout(() => {
      this.#isLookDue = false;
      this.#look();
    }, gatherMs).unref();
  }

  #look(): void {
    const unsure = isUnsure(this.context.registry);
    const now = performance.now();
    for (const waiting of this.#waiting.values()) {
      if (unsure) for (const { done } of waiting.waiters) done(keep());
      else if (!waiting.isDue && now >= waiting.restsUntil && waiting.stamp !== waiting.question.stamp()) {
        waiting.isDue = true;
        this.#queue.add(() => this.#lookAt(waiting));
      }
    }
  }

  /** Asks a question again. */
  #lookAt(waiting: Waiting): Promise<void> | void {
    const { question } = waiting;
    // The next look lets them go if the daemon is no longer sure.
    if (waiting.waiters.size === 0 || isUnsure(this.context.registry)) {
      waiting.isDue = false;
      return;
    }
    const begun = performance.now();
    waiting.stamp = question.stamp();
    const looked = (): void => {
      const now = performance.now();
      waiting.isDue = false;
      waiting.restsUntil = now + 4 * (now - begun);
    };
    const tell = (answer: Answer): void => {
      looked();
      for (const { index, done } of waiting.waiters) if (indexIn(answer) !== index) done(answer);
    };
    const fail = (error: unknown): void => {
      looked();
      for (const { done } of waiting.waiters) done(Promise.reject(asError(error)));
    };
    try {
      const found = this.#present(question, {});
      if (found instanceof Promise) return found.then(tell).catch(fail);
      tell(found);
    } catch (error) {
      fail(error);
    }
  }
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

const indexIn = ({ headers }: Answer): string => String(headers!['x-consul-index']);
