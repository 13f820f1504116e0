/**
 * A steady load over kept connections as HTTP clients use them: an idle connection that the server has closed is no
 * failure, and a GET that was on its way on one meanwhile, unanswered, is sent again (RFC 9112, section 9.3.1).
 * nginx closes idle connections at a reload, where wrk counts each of them as a failed read.
 */

import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { text } from 'node:stream/consumers';

/** Milliseconds between the requests of one connection. */
const pauseMs = 20;

export class AgentLoad {
  requests = 0;
  /** Sent again, since the server had closed the connection. */
  repeated = 0;
  readonly failures: string[] = [];
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 4 });
  readonly #running: Promise<void>[];
  #stopping = false;

  constructor(private readonly url: string) {
    this.#running = Array.from({ length: 4 }, () => this.#run());
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#running);
    this.#agent.destroy();
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      await this.#ask();
      await sleep(pauseMs);
    }
  }

  async #ask(isAgain = false): Promise<void> {
    // Another kept connection may have been closed as well.
    const outgoing = request(this.url, { agent: isAgain ? false : this.#agent });
    try {
      outgoing.end();
      const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
      const body = await text(response);
      this.requests++;
      if (response.statusCode !== 200) this.failures.push(`${response.statusCode}: ${body}`);
    } catch (error) {
      const wasClosed = outgoing.reusedSocket && (error as NodeJS.ErrnoException).code === 'ECONNRESET';
      if (!wasClosed || isAgain)
        return void this.failures.push(
          `${(error as NodeJS.ErrnoException).code}: ${(error as Error).message}, reused ${outgoing.reusedSocket}`,
        );
      this.repeated++;
      await this.#ask(true);
    }
  }
}
