/**
 * Large answers that wait to be read: together they may take so much memory. One that many clients read counts once.
 */

import type { ServerResponse } from 'node:http';
import { OverloadedError } from '../../model/errors.js';
import { Content } from './content.js';
import type { LoadCounters } from './load-counters.js';
import { memoryGraceMs, smallAnswer, unreadMost } from './load-limits.js';
import { MemoryBudget } from './memory-budget.js';
import type { Complete } from './route.js';

export class UnreadAnswers {
  readonly #readers = new Map<Content, Set<ServerResponse>>();
  readonly #budget: MemoryBudget<Content>;

  constructor(
    private readonly counters: LoadCounters,
    mostBytes = unreadMost,
    now = () => performance.now(),
  ) {
    this.#budget = new MemoryBudget(mostBytes, memoryGraceMs, (content) => this.#cutOff(content), now);
  }

  /**
   * `reply`, whose content is now kept until `response` is done. Throws {@link OverloadedError} if there is no room.
   */
  hold<R extends Complete>(reply: R, response: ServerResponse): R {
    if ('stream' in reply || !(reply.body instanceof Content)) return reply;
    this.keep(reply.body, response);
    return reply;
  }

  /** Keeps `content` until `response` is done. Throws {@link OverloadedError} if there is no room. */
  keep(content: Content, response: ServerResponse): void {
    if (content.length <= smallAnswer) return;
    let readers = this.#readers.get(content);
    if (!readers) {
      if (!this.#budget.take(content, content.length)) {
        this.counters.count('unread');
        throw new OverloadedError('too many answers wait to be read by their clients');
      }
      this.#readers.set(content, (readers = new Set()));
    }
    readers.add(response);
    response.once('close', () => this.#done(content, response));
  }

  #done(content: Content, response: ServerResponse): void {
    const readers = this.#readers.get(content);
    if (!readers?.delete(response) || readers.size > 0) return;
    this.#readers.delete(content);
    this.#budget.release(content);
  }

  #cutOff(content: Content): void {
    const readers = this.#readers.get(content) ?? [];
    this.#readers.delete(content);
    for (const response of readers) {
      this.counters.count('unread', response.req.socket.remoteAddress);
      response.req.socket.destroy();
    }
  }
}
