/** Sends values to any number of consumers, each of which reads them as an async iterator at its own pace. */

/** How many values wait for a consumer that does not read. With more, it loses the oldest ones. */
export const mostWaiting = 100;

/** A value as a consumer gets it. */
export type Delivered<T> = T & {
  /** How many values just before this one were dropped, because the consumer did not read them in time. */
  dropped?: number;
};

export class Broadcast<T extends object> {
  readonly #consumers = new Set<Consumer<T>>();
  #latest: T;
  #ended = false;

  /** @param first  what a consumer gets that comes before the first value is sent */
  constructor(first: T) {
    this.#latest = first;
  }

  /** The value that was sent last. */
  get latest(): T {
    return this.#latest;
  }

  /** Whether anything reads the values. */
  get isRead(): boolean {
    return this.#consumers.size > 0;
  }

  send(value: T): void {
    if (this.#ended) return;
    this.#latest = value;
    for (const consumer of this.#consumers) consumer.take(value);
  }

  /** Sends the last value. Consumers get what waits for them, then their iteration ends. */
  end(last: T): void {
    this.send(last);
    this.#ended = true;
    for (const consumer of this.#consumers) consumer.end();
    this.#consumers.clear();
  }

  /** The latest value and all that follow. The iteration ends with the broadcast, or when `signal` aborts. */
  values(signal?: AbortSignal): AsyncIterableIterator<Delivered<T>> {
    const leave = (): void => consumer.leave();
    const consumer = new Consumer<T>(() => {
      this.#consumers.delete(consumer);
      signal?.removeEventListener('abort', leave);
    });
    consumer.take(this.#latest);
    signal?.addEventListener('abort', leave, { once: true });
    if (this.#ended) consumer.end();
    else if (signal?.aborted) consumer.leave();
    else this.#consumers.add(consumer);
    return consumer;
  }
}

class Consumer<T extends object> implements AsyncIterableIterator<Delivered<T>> {
  #waiting: T[] = [];
  #dropped = 0;
  #ended = false;
  /** The calls of `next` that wait for a value. */
  #readers: ((result: IteratorResult<Delivered<T>, undefined>) => void)[] = [];

  constructor(private readonly onLeave: () => void) {}

  take(value: T): void {
    const reader = this.#readers.shift();
    if (reader) return reader({ done: false, value });
    this.#waiting.push(value);
    if (this.#waiting.length <= mostWaiting) return;
    this.#waiting.shift();
    this.#dropped++;
  }

  end(): void {
    this.#ended = true;
    this.onLeave();
    for (const reader of this.#readers.splice(0)) reader({ done: true, value: undefined });
  }

  next(): Promise<IteratorResult<Delivered<T>, undefined>> {
    const value = this.#waiting.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value: this.#withDropped(value) });
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#readers.push(resolve));
  }

  /** Takes no further value, and drops those that wait. */
  leave(): void {
    this.#waiting = [];
    this.end();
  }

  return(): Promise<IteratorResult<Delivered<T>, undefined>> {
    this.leave();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #withDropped(value: T): Delivered<T> {
    if (this.#dropped === 0) return value;
    const delivered = { ...value, dropped: this.#dropped };
    this.#dropped = 0;
    return delivered;
  }
}
