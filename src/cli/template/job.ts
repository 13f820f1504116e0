/** One template: renders it whenever what is known has changed, and again if that has failed. */

import type { Timers } from '../../client/index.js';
import type { Near } from '../../model/near.js';
import type { Wait } from '../coalescer.js';
import { Coalescer } from '../coalescer.js';
import { templateData } from './data.js';
import type { Destination } from './destination.js';
import type { Engine } from './engine.js';
import { guard } from './guard.js';
import type { Known, Registry } from './known.js';

export interface JobOptions {
  dest: string;
  wait: Wait;
  /** Renders what is known now, whatever was there before. */
  allowEmpty: boolean;
  /** The instances that callers prefer. */
  near?: Near | undefined;
}

/** What a job tells its listener. */
export interface Listener {
  /** The file is another one. */
  rendered(dest: string): void;
  /** The last good state had to stand in; once for each time that this is other than before, empty when it ends. */
  kept(dest: string, kept: string[]): void;
  /** The old file stays; tried again in `againMs`, or when something changes. */
  failed(dest: string, error: Error, againMs: number): void;
}

/** Milliseconds before what has failed is tried again: at first, and at most. */
const retryMs = { first: 1000, most: 30_000 };

/** What a job needs of its surroundings. */
export interface Surroundings {
  registry: Pick<Registry, 'known' | 'deleted'>;
  engine: Pick<Engine, 'render'>;
  destination: Pick<Destination, 'known' | 'put'>;
  listener: Listener;
  timers: Timers;
}

export class Job {
  readonly #coalescer: Coalescer;
  #kept: string[] = [];

  constructor(
    private readonly options: JobOptions,
    private readonly around: Surroundings,
  ) {
    this.#coalescer = new Coalescer(options.wait, around.timers);
  }

  /** Something is other than it was. */
  changed(): void {
    this.#coalescer.changed();
  }

  /** Renders at every change, until `signal` aborts and what is at work then is done. */
  async run(signal: AbortSignal): Promise<void> {
    const { timers, listener } = this.around;
    let refused: string | undefined;
    let retryAt = Infinity;
    let pause = retryMs.first;
    for (;;) {
      const why = await this.#coalescer.next(retryAt, signal);
      if (why === 'aborted') return;
      let content: string | undefined;
      try {
        const { known, render } = this.#prepare();
        content = await render();
        // What was refused would be refused again, before its time.
        if (why === 'changed' && content === refused) continue;
        await this.#put(content, known);
        refused = undefined;
        retryAt = Infinity;
        pause = retryMs.first;
      } catch (error) {
        const againMs = pause * (1 + timers.random() / 4);
        listener.failed(this.options.dest, error as Error, againMs);
        refused = content;
        retryAt = timers.now() + againMs;
        pause = Math.min(retryMs.most, 2 * pause);
      }
    }
  }

  /** Renders now, once. Throws if that fails; the old file stays then. */
  async once(): Promise<void> {
    const { known, render } = this.#prepare();
    await this.#put(await render(), known);
  }

  #prepare() {
    const { registry, engine, destination } = this.around;
    const now = registry.known(this.options.near);
    const { known, kept } = this.options.allowEmpty
      ? { known: now, kept: [] }
      : guard(destination.known, now, registry.deleted);
    this.#tellKept(kept);
    return { known, render: () => engine.render(templateData(known)) };
  }

  async #put(content: string, known: Known): Promise<void> {
    const { destination, listener } = this.around;
    if (await destination.put(content, known)) listener.rendered(this.options.dest);
  }

  #tellKept(kept: string[]): void {
    if (kept.join('\n') === this.#kept.join('\n')) return;
    this.#kept = kept;
    this.around.listener.kept(this.options.dest, kept);
  }
}
