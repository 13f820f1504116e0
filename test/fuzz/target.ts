/** What `npm run fuzz` asks of the things that it fuzzes. */

/** Numbers from 0 to 1 that are the same for the same seed. */
export type Dice = () => number;

/**
 * Something that is fuzzed. Inputs are made from dice alone, so that one can be made again from its seed and its
 * number.
 */
export interface Target {
  readonly name: string;
  /** Inputs that a round runs, between two looks at the whole. */
  readonly roundSize: number;
  /** Starts what the inputs are for. */
  open(): Promise<Session>;
}

/** What was started, until it is closed. */
export interface Session {
  /**
   * Runs the inputs that belong to these dice, and returns what became of each, as one word to be counted (a status, an
   * error's code). Throws {@link Finding}s: see there.
   */
  run(dice: readonly Dice[]): Promise<string[]>;
  /** What there is to say at the end, a line each: memory, latencies. */
  report(): string[];
  close(): Promise<void>;
}

/** An input that did what no input may do. */
export class Finding extends Error {
  /**
   * @param what   the rule that was broken, and how
   * @param index  of the input in its round; undefined if only the round as a whole shows it
   * @param input  printable
   */
  constructor(
    what: string,
    readonly index?: number,
    readonly input = '',
  ) {
    super(what);
  }
}
