/**
 * One watcher's connection. It is written to only when the watcher has taken what was written before: what is to come
 * stays in the event log, and is looked up there by the position of the last event that was written.
 */

import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import type { Chunks } from './chunks.js';
import type { EncodedEvents } from './encoded-events.js';
import type { EventFilter } from './event-filter.js';

/** Bytes of a snapshot that are handed over at a time. */
const sliceBytes = 64 * 1024;

/** Pieces that one watcher is sent in a row. */
const piecesAtOnce = 4;

const retry = Buffer.from('retry: 1000\n\n');
const idle = Buffer.from(': idle\n\n');

export class EventStream {
  /** The first data of the stream, and how much of it was written. */
  #start: Buffer | undefined;
  #startAt = 0;
  /** Of the last event that was written; undefined until it is known where to begin. */
  #position: number | undefined;
  /** A condition, to be written once the watcher has the events before it. */
  #condition: { after: number; bytes: Buffer } | undefined;
  #isNew = true;
  #isSilent = false;
  /** Since when the watcher has taken nothing, though there is something for it. */
  #stuckSince: number | undefined;

  constructor(
    readonly response: ServerResponse,
    private readonly filter: EventFilter,
    private readonly encoded: EncodedEvents,
    private readonly onWritable: () => void,
    private readonly now: () => number,
  ) {}

  /** Goes on from here: with `start`, then with the events after `position`. */
  begin(position: number, start: Buffer | undefined): void {
    this.#position = position;
    this.#start = start;
  }

  /** To be written behind the events up to `position`. */
  tell(bytes: Buffer, after: number): void {
    this.#condition = { after, bytes };
  }

  /** ms for which the watcher has taken nothing. */
  get stuckForMs(): number {
    return this.#stuckSince === undefined ? 0 : this.now() - this.#stuckSince;
  }

  /** Fills a silence that has lasted since the last tick, except in the middle of a snapshot. */
  tick(chunks: Chunks): void {
    const isInside = this.#start !== undefined && this.#startAt > 0;
    if (this.#isSilent && !isInside && this.#stuckSince === undefined) this.#write(chunks, [idle]);
    this.#isSilent = true;
  }

  end(): void {
    this.response.end();
  }

  /**
   * Writes what there is for the watcher, one piece at least, and no further one once it is `untilMs`. Returns `more`
   * if that is not all, `lost` if it is too far behind to go on.
   */
  flush(chunks: Chunks, untilMs: number): 'more' | 'lost' | undefined {
    if (this.#position === undefined) return undefined;
    for (let pieces = 0; this.#stuckSince === undefined && !this.response.destroyed; pieces++) {
      if (pieces === piecesAtOnce || (pieces > 0 && this.now() >= untilMs)) return 'more';
      if (this.#writeStart(chunks)) continue;
      const batch = this.encoded.after(this.#position, this.filter);
      if (!batch) return 'lost';
      const parts = [...batch.parts];
      const isThere = this.#condition !== undefined && this.#condition.after <= batch.position;
      if (isThere) parts.push(this.#condition!.bytes);
      if (isThere) this.#condition = undefined;
      if (batch.position === this.#position && parts.length === 0) return undefined;
      this.#position = batch.position;
      if (parts.length > 0) this.#write(chunks, parts);
    }
    return undefined;
  }

  #writeStart(chunks: Chunks): boolean {
    if (!this.#start) return false;
    const slice = this.#start.subarray(this.#startAt, this.#startAt + sliceBytes);
    this.#startAt += slice.length;
    if (this.#startAt === this.#start.length) this.#start = undefined;
    this.#write(chunks, [slice]);
    return true;
  }

  #write(chunks: Chunks, parts: Buffer[]): void {
    this.#isSilent = false;
    const full = this.#isNew ? this.#writeFirst(parts) : chunks.write(this.response, parts);
    if (full) this.#waitFor(full);
  }

  /** By the response itself, which sends its headers with it. */
  #writeFirst(parts: Buffer[]): Writable | undefined {
    this.#isNew = false;
    return this.response.write(Buffer.concat([retry, ...parts])) ? undefined : this.response;
  }

  #waitFor(full: Writable): void {
    this.#stuckSince = this.now();
    full.once('drain', () => {
      this.#stuckSince = undefined;
      this.onWritable();
    });
  }
}
