/**
 * HTTP requests to a real daemon, each on a connection of its own.
 *
 * After each request: an answer within a second or a closed connection, no status 500, and an error's body is `{code,
 * message}`, or a text under `/v1`. After each round: what others registered and renewed meanwhile is online, and the
 * requests that were refused, sent once more, change nothing.
 */

import net from 'node:net';
import { readCorpus } from './corpus.js';
import { makeRequest } from './http-requests.js';
import { type Dice, Finding, type Session, type Target } from './target.js';
import { Victim } from './victim.js';

/** Requests under way at a time. */
const concurrency = 16;

/** ms without an answer to a request that is whole. */
const hangMs = 1000;

/** Times in a row that a request must be without one: a machine that is busy with other things takes long once. */
const hangTimes = 5;

/** Registrations of another client, which no input may end. */
const bystanders = Array.from({ length: 10 }, (_, index) => `bystander/1.0.0/10.9.9.${index + 1}/80`);

export const httpTarget: Target = { name: 'http', roundSize: 300, open: () => HttpSession.open() };

/** What came back. */
interface Answer {
  /** 0 where the connection was closed without a word. */
  status: number;
  body: string;
  /** Whether the body is that of an error. */
  isJson: boolean;
  isText: boolean;
}

const isRefused = ({ status }: Answer): boolean => status >= 400;

class HttpSession implements Session {
  readonly #port: number;
  #firstRss = 0;

  private constructor(
    private readonly daemon: Victim,
    private readonly recorded: readonly Buffer[],
  ) {
    this.#port = Number(new URL(daemon.url).port);
  }

  static async open(): Promise<HttpSession> {
    const session = new HttpSession(await Victim.start(), readCorpus().requests);
    for (const id of bystanders) await session.daemon.ask('POST', `/registrations/${id}`, '{"ttl":60000}');
    session.#firstRss = await session.#rss();
    return session;
  }

  async run(dice: readonly Dice[]): Promise<string[]> {
    const inputs = dice.map((one) => makeRequest(one, this.recorded));
    const answers = await this.#sendAll(inputs);
    await this.#renew();
    await this.#sendRefused(inputs.filter((_, index) => isRefused(answers[index]!)));
    return answers.map(({ status }) => String(status));
  }

  /**
   * Sends again what was refused. If all of it is refused once more, nothing may have changed; what is not (what it
   * needed is there by now, or the daemon is less busy) is left out, and the rest is sent again.
   */
  async #sendRefused(inputs: readonly Buffer[]): Promise<void> {
    const before = await this.#state();
    const answers = await this.#sendAll(inputs);
    const still = inputs.filter((_, index) => isRefused(answers[index]!));
    if (still.length < inputs.length) return this.#sendRefused(still);
    const after = await this.#state();
    const changed = Object.keys(after).find((part) => JSON.stringify(before[part]) !== JSON.stringify(after[part]));
    if (changed) throw new Finding(`requests that were refused have changed the ${changed}`);
  }

  report(): string[] {
    return [`rss ${this.#firstRss} MB at first, ${this.#lastRss} MB at the end`];
  }

  #lastRss = 0;

  async close(): Promise<void> {
    if (!this.daemon.hasEnded) this.#lastRss = await this.#rss().catch(() => 0);
    await this.daemon.end();
  }

  async #sendAll(inputs: readonly Buffer[]): Promise<Answer[]> {
    const answers: Answer[] = [];
    let next = 0;
    const worker = async (): Promise<void> => {
      for (let index = next++; index < inputs.length; index = next++) {
        let answer = await this.#send(inputs[index]!);
        for (let times = 1; answer.status === -1 && times < hangTimes; times++)
          answer = await this.#send(inputs[index]!);
        answers[index] = answer;
        const wrong = this.#wrongWith(inputs[index]!, answer);
        if (wrong) throw new Finding(wrong, index, JSON.stringify(inputs[index]!.toString('latin1')));
      }
    };
    await Promise.all(Array.from({ length: concurrency }, worker));
    return answers;
  }

  #wrongWith(input: Buffer, { status, body, isJson, isText }: Answer): string | undefined {
    if (this.daemon.hasEnded) return `the daemon has ended: ${this.daemon.errors.slice(-3).join(' ')}`;
    if (status === -1) return `no answer within ${hangMs} ms`;
    if (status === 500) return `answered 500: ${body}`;
    // Answers to HEAD have no body.
    if (status < 400 || /^HEAD /.test(input.toString('latin1'))) return undefined;
    const isConsul = / \/v1\//i.test(input.toString('latin1'));
    if (isConsul && (isText || status === 404)) return undefined;
    if (!isJson) return `an error ${status} whose body is not JSON: ${body.slice(0, 200)}`;
    return undefined;
  }

  /** Sends the bytes and half-closes after a moment, so that what waits for more is answered or closed. */
  #send(input: Buffer): Promise<Answer> {
    return new Promise((resolve) => {
      const socket = net.connect(this.#port, '127.0.0.1');
      const chunks: Buffer[] = [];
      const finish = (answer?: Answer): void => {
        clearTimeout(deadline);
        socket.destroy();
        resolve(answer ?? read(Buffer.concat(chunks)));
      };
      const deadline = setTimeout(
        // A stream (events, peers) answers and goes on; a request that is not whole waits for its rest.
        () =>
          finish(
            chunks.length > 0 || !isWhole(input) ? undefined : { status: -1, body: '', isJson: false, isText: false },
          ),
        hangMs,
      );
      socket.on('error', () => finish());
      socket.on('close', () => finish());
      socket.on('data', (chunk) => {
        chunks.push(chunk);
        const { status, isStream } = head(Buffer.concat(chunks));
        if (isStream || status === 101) finish();
      });
      socket.end(input);
    });
  }

  async #renew(): Promise<void> {
    const { renewed } = JSON.parse(await this.daemon.ask('POST', '/renewals', JSON.stringify({ ids: bystanders }))) as {
      renewed: number;
    };
    if (renewed !== bystanders.length)
      throw new Finding(`${bystanders.length - renewed} registrations of others are gone`);
  }

  /** All that a refused request must not change. Registrations may expire meanwhile: what is new or other counts. */
  async #state(): Promise<Record<string, unknown>> {
    const [backends, frontends, history, bystander] = await Promise.all(
      ['/backends', '/frontends', '/history', '/registrations/bystander'].map(
        async (path) => JSON.parse(await this.daemon.ask('GET', path)) as unknown,
      ),
    );
    return { backends, frontends, history, bystander };
  }

  async #rss(): Promise<number> {
    const { memory } = JSON.parse(await this.daemon.ask('GET', '/status')) as { memory: { rss: number } };
    return Math.round(memory.rss / 2 ** 20);
  }
}

/** Whether the bytes end with a request that needs no more, as far as a plain look tells. */
function isWhole(input: Buffer): boolean {
  const text = input.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  return end >= 0 && !/^(content-length|transfer-encoding|expect):/im.test(text.slice(0, end));
}

function head(bytes: Buffer): { status: number; isStream: boolean; end: number; text: string } {
  const text = bytes.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);
  return {
    status,
    isStream: end > 0 && /content-type: text\/event-stream/i.test(text.slice(0, end)),
    end,
    text,
  };
}

function read(bytes: Buffer): Answer {
  const { status, end, text } = head(bytes);
  const length = Number(/content-length: (\d+)/i.exec(text.slice(0, end))?.[1] ?? 0);
  const body = Buffer.from(text.slice(end + 4, end + 4 + length), 'latin1').toString();
  const isText = /content-type: text\/plain/i.test(text.slice(0, end)) && body !== '';
  return { status, body, isJson: isError(body), isText };
}

function isError(body: string): boolean {
  try {
    const { code, message } = JSON.parse(body) as { code?: unknown; message?: unknown };
    return typeof code === 'string' && typeof message === 'string';
  } catch {
    return false;
  }
}
