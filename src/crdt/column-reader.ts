/** Reads numbers, bytes and runs from the columns of an Automerge change (see change-reader.ts). */

import { InvalidError } from '../model/errors.js';

export class ColumnReader {
  constructor(
    private readonly bytes: Buffer,
    private position = 0,
  ) {}

  /** How many bytes are left. */
  get left(): number {
    return this.bytes.length - this.position;
  }

  take(length: number): Buffer {
    if (length > this.left) fail('it ends too early');
    return this.bytes.subarray(this.position, (this.position += length));
  }

  /** An unsigned LEB128 number. */
  unsigned(): number {
    const first = this.bytes[this.position];
    if (first !== undefined && first < 0x80) {
      this.position++;
      return first;
    }
    return this.#leb128(false);
  }

  /** A signed LEB128 number. */
  signed(): number {
    return this.#leb128(true);
  }

  /** A count, followed by as many items. */
  list<T>(most: number, item: () => T): T[] {
    const count = this.unsigned();
    if (count > most) fail('a list is too long');
    return Array.from({ length: count }, item);
  }

  /**
   * All values of a run-length encoded column. Each run is counted before it is expanded. A column that bender writes
   * has no null runs.
   */
  runs<T>(value: (from: this) => T, most: number): T[] {
    const values: T[] = [];
    while (this.left > 0) {
      const length = this.signed();
      if (length === 0) fail('a run of nothing');
      if (values.length + Math.abs(length) > most) fail('too many values');
      if (length > 0) {
        const repeated = value(this);
        for (let count = length; count > 0; count--) values.push(repeated);
      } else {
        for (let count = length; count < 0; count++) values.push(value(this));
      }
    }
    return values;
  }

  #leb128(isSigned: boolean): number {
    let [result, factor] = [0, 1];
    for (;;) {
      const byte = this.bytes[this.position++];
      if (byte === undefined) fail('it ends too early');
      result += (byte & 0x7f) * factor;
      factor *= 0x80;
      if (byte < 0x80) {
        if (isSigned && byte & 0x40) result -= factor;
        break;
      }
      if (factor > Number.MAX_SAFE_INTEGER) fail('a number is too large');
    }
    if (!Number.isSafeInteger(result)) fail('a number is too large');
    return result;
  }
}

/** The error for a refused change. */
export function fail(why: string): never {
  throw new InvalidError(`a change that bender does not write: ${why}`);
}
