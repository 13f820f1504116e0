/** A headless Chromium, in whose pages scripts can be run: over the pipe of its debugging protocol. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

/** The name that leads to this machine in the browser, as that of an attacker may. */
export const evilHost = 'evil.example';

/** Where Chromium is; undefined if it is not installed. */
export const chromium = ['chromium', 'chromium-browser', 'google-chrome']
  .flatMap((name) => (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name)))
  .find((path) => existsSync(path));

interface Message {
  id?: number;
  method?: string;
  sessionId?: string;
  result?: Record<string, unknown>;
  error?: { message: string };
}

export class Browser {
  #last = 0;
  #rest = '';
  readonly #waiting = new Set<(message: Message) => void>();

  private constructor(
    private readonly process: ChildProcess,
    private readonly folder: string,
  ) {
    (process.stdio[4] as Readable).setEncoding('utf8').on('data', (chunk: string) => {
      const parts = (this.#rest + chunk).split('\0');
      this.#rest = parts.pop()!;
      for (const part of parts) for (const hear of this.#waiting) hear(JSON.parse(part) as Message);
    });
  }

  static async start(): Promise<Browser> {
    const folder = await mkdtemp(join(tmpdir(), 'bender-browser-'));
    const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'];
    const rule = `--host-resolver-rules=MAP ${evilHost} 127.0.0.1`;
    return new Browser(
      spawn(chromium!, [...flags, rule, '--remote-debugging-pipe', `--user-data-dir=${folder}`], {
        stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
      }),
      folder,
    );
  }

  /** What `script` returns in a page from `url`. It is a function without arguments. */
  async run<T>(url: string, script: string): Promise<T> {
    const { targetId } = await this.#ask('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.#ask('Target.attachToTarget', { targetId, flatten: true });
    const ask = (method: string, params = {}) => this.#ask(method, params, sessionId as string);
    await ask('Page.enable');
    const loaded = this.#heard((one) => one.method === 'Page.loadEventFired' && one.sessionId === sessionId);
    await ask('Page.navigate', { url });
    await loaded;
    const expression = `(${script})()`;
    const { result, exceptionDetails } = await ask('Runtime.evaluate', {
      ...{ expression, awaitPromise: true, returnByValue: true },
    });
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
    await this.#ask('Target.closeTarget', { targetId });
    return (result as { value: T }).value;
  }

  async stop(): Promise<void> {
    const ended = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await ended;
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #ask(method: string, params: object, sessionId?: string): Promise<Record<string, unknown>> {
    const id = ++this.#last;
    const answered = this.#heard((one) => one.id === id);
    (this.process.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    const { result, error } = await answered;
    if (error) throw new Error(`${method}: ${error.message}`);
    return result!;
  }

  #heard(isIt: (message: Message) => boolean): Promise<Message> {
    return new Promise((resolve) => {
      const hear = (message: Message): void => {
        if (!isIt(message)) return;
        this.#waiting.delete(hear);
        resolve(message);
      };
      this.#waiting.add(hear);
    });
  }
}
