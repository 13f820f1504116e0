/** A finding of `bender doctor`. */

/** `problem`: something does not work, or will not for long. `warning`: it works, and could be safer. */
export type Level = 'problem' | 'warning';

/** A promise to scripts: the key `check` in JSON. */
export type CheckName =
  | 'reachable'
  | 'cluster'
  | 'ready'
  | 'peers'
  | 'seeds'
  | 'documents'
  | 'load'
  | 'files'
  | 'versions'
  | 'clocks'
  | 'access'
  | 'certificates'
  | 'size';

export interface Finding {
  check: CheckName;
  level: Level;
  /** The name of the daemon that it is about, or its URL if the name is unknown. */
  daemon?: string;
  /** The problem. */
  message: string;
  /** What to do. */
  advice: string;
}
