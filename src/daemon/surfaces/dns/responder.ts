/** From the bytes of a query to those of its answer, whatever they are. */

import type { Near } from '../../../model/near.js';
import type { Log } from '../../core/log.js';
import type { Registry } from '../../core/registry.js';
import type { SurfaceCounts } from '../counts.js';
import { Answers } from './answers.js';
import { type Reply, writeReply } from './message.js';
import { type Query, rcodes, readQuery } from './query.js';

/** Bytes that every client takes by UDP (RFC 1035 4.2.1), those that this server sends at most, and those of TCP. */
const sizes = { least: 512, most: 8192, tcp: 65_535 } as const;

export class Responder {
  readonly #answers: Answers;

  constructor(
    private readonly registry: Registry,
    domain: string,
    private readonly counts: SurfaceCounts,
    private readonly log: Log,
    near?: Near,
  ) {
    this.#answers = new Answers(registry, domain, counts, near);
  }

  /** Undefined if nothing is to be sent. */
  respond(message: Buffer, transport: 'udp' | 'tcp'): Buffer | undefined {
    // What waited while this daemon was suspended is old, and its client has asked elsewhere.
    if (!this.registry.awake()) return undefined;
    const query = readQuery(message);
    if (!query) return undefined;
    const reply = this.#replyTo(query);
    this.counts.answered('dns', reply.rcode);
    return writeReply(query, reply, limitsOf(query, transport));
  }

  #replyTo(query: Query): Reply {
    const { question, edns, error } = query;
    if (error !== undefined || !question) return { rcode: error ?? rcodes.formErr };
    if (edns && edns.version > 0) return { rcode: rcodes.badVers };
    try {
      return this.#answers.to(question);
    } catch (error) {
      this.log.error({ err: error, reason: String(error) }, 'answering by DNS failed because of a bug in bender');
      return { rcode: rcodes.servFail };
    }
  }
}

function limitsOf({ edns }: Query, transport: 'udp' | 'tcp'): { size: number; rotates: boolean } {
  if (transport === 'tcp') return { size: sizes.tcp, rotates: false };
  return { size: Math.min(sizes.most, Math.max(sizes.least, edns?.udpSize ?? 0)), rotates: true };
}
