/**
 * The catalog in a file, for operators who want backends and frontends to survive the last daemon (`--catalog FILE`).
 *
 * The file is a replica like any other, which happens to sleep: at a start it is merged with what the peers have, so nothing
 * in it that is older than theirs wins. It is replaced in one step, after it was flushed to the disk. A file that cannot be
 * written costs a warning and never an answer: the daemon works from memory.
 */

import { readFile } from 'node:fs/promises';
import { BenderError } from '../model/errors.js';
import { followLinks, ifThere, replaceFile } from '../files/atomic-file.js';
import type { Log } from './core/log.js';

/** The part of the daemon's catalog that is kept. */
export interface KeptCatalog {
  /** Another value, by identity, whenever anything was written or merged. */
  readonly heads: unknown;
  save(): Uint8Array;
  load(saved: Uint8Array): void;
}

/** ms between two looks at whether there is anything to write: what a crash of the machine may cost. */
const lookEveryMs = 200;

/** After a write, the next one waits for this many times as long as it took: a long history costs at most 5 % of a core. */
const restFactor = 20;

const cannotWrite = 'cannot write the catalog to its file: retrying';

/** Bytes of a file that is loaded, and so also of one that is written. 100,000 edits take some 10 MB. */
export const maxCatalogBytes = 256 * 2 ** 20;

export class CatalogFile {
  /** Heads that are in the file. */
  #written: unknown;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  private constructor(
    private readonly path: string,
    private readonly catalog: KeptCatalog,
    private readonly log: Pick<Log, 'error' | 'resolve'>,
  ) {
    this.#written = catalog.heads;
  }

  /**
   * Loads the catalog from the file, if there is one, and keeps it there from then on. For a daemon that has not started.
   * Rejects if the file cannot be read or is not a catalog: starting without it would lose what is in it.
   */
  static async open(path: string, catalog: KeptCatalog, log: Log): Promise<CatalogFile> {
    const target = await followLinks(path);
    const fail = (what: string) => (error: Error) => {
      throw new BenderError('INTERNAL', `cannot ${what} ${path}: ${reasonOf(error)}`, { cause: error });
    };
    const saved = await ifThere(readFile(target)).catch(fail('read the catalog in'));
    try {
      if (saved && saved.length > maxCatalogBytes) throw new Error('it is too large');
      if (saved) catalog.load(saved);
    } catch (error) {
      throw new BenderError(
        'INTERNAL',
        `${path} is not a catalog that bender has written, or is damaged: move it away to start without it`,
        { cause: error },
      );
    }
    const file = new CatalogFile(target, catalog, log);
    // At once, so that a folder that is missing or not writable is an error of the start.
    if (!saved) await file.#replace(catalog.save()).catch(fail('write the catalog to'));
    file.#look();
    return file;
  }

  /** Writes what is not written yet, and stops. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#writing;
    await this.#write();
  }

  #look(restMs = lookEveryMs): void {
    this.#timer = setTimeout(() => {
      const begun = performance.now();
      this.#writing = this.#write();
      void this.#writing.then(() =>
        this.#look(Math.max(lookEveryMs, restFactor * (performance.now() - begun))),
      );
    }, restMs).unref();
  }

  /** Never rejects. */
  async #write(): Promise<void> {
    const { heads } = this.catalog;
    if (heads === this.#written) return;
    try {
      const bytes = this.catalog.save();
      if (bytes.length > maxCatalogBytes)
        throw new Error(`the catalog has grown beyond ${maxCatalogBytes} bytes`);
      await this.#replace(bytes);
      this.#written = heads;
      this.log.resolve(cannotWrite, { file: this.path }, 'the catalog is written again');
    } catch (error) {
      this.log.error({ file: this.path, reason: reasonOf(error as Error) }, cannotWrite);
    }
  }

  #replace(bytes: Uint8Array): Promise<void> {
    return replaceFile(this.path, bytes, { mode: 0o600 });
  }
}

/** A system error without the path of the file beside, which is another each time. */
const reasonOf = ({ message }: Error): string => message.split(', ')[0]!;
