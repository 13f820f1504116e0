/**
 * Runs jobs one after the other: some ms of them in each turn of the event loop, and for at most half of the time. So
 * requests and renewals are answered between them, however many are due.
 */

/** ms of jobs in one turn: the last one begins before they are over. */
const turnMs = 8;

export class PacedQueue {
  #jobs: (() => Promise<void> | void)[] = [];
  #isRunning = false;

  /** Runs a job when its turn comes. It must not throw or reject. */
  add(job: () => Promise<void> | void): void {
    this.#jobs.push(job);
    if (this.#isRunning) return;
    this.#isRunning = true;
    setImmediate(this.#run);
  }

  readonly #run = (): void => {
    const begun = performance.now();
    const rest = (): void => {
      if (this.#jobs.length === 0) this.#isRunning = false;
      else setTimeout(this.#run, performance.now() - begun).unref();
    };
    while (this.#jobs.length > 0 && performance.now() < begun + turnMs) {
      const work = this.#jobs.shift()!();
      if (work) return void work.then(rest);
    }
    rest();
  };
}
