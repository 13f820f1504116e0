/**
 * The catalog in a file, for operators who want backends and frontends to survive the last daemon (`--catalog FILE`).
 *
 * The file is a replica like any other: at a start it is merged with the catalog of the peers, so that older values in
 * it do not win. It is replaced in one step, after it was flushed to the disk. If it cannot be written, an error is
 * logged, and requests are still answered: the daemon works from memory.
 *
 * Automerge saves a document in one call, whose duration grows with the history. So only a short history is saved as a
 * whole while the daemon serves: of a long one, new changes are appended to the file, until the daemon stops.
 */

import type { Stats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import type { Heads } from '../crdt/document.js';
import { BenderError } from '../model/errors.js';
import { followLinks, ifThere, replaceFile } from '../files/atomic-file.js';
import { type Log, logFailure } from './core/log.js';

/** The part of the daemon's catalog that is kept. */
export interface KeptCatalog {
  /** Another object whenever anything was written or merged. */
  readonly heads: Heads;
  /** Bytes of all its changes. */
  readonly bytes: number;
  save(): Uint8Array;
  /** The changes since it was at `heads`; undefined if it never was. */
  changesSince(heads: Heads): Uint8Array[] | undefined;
  load(saved: Uint8Array): void;
}

/** How often to check for something to write: a crash of the machine may lose the edits of that time. */
const lookEveryMs = 200;

/** After a write, the next one waits for this many times its duration: a long history costs at most 5 % of a core. */
const restFactor = 20;

const cannotWrite = 'cannot write the catalog to its file: retrying';

/** Bytes of the changes of a catalog that is always saved as a whole: some 6,000 edits, which takes 15 ms. */
const wholeMost = 2 ** 20;

/** Bytes of a file that is loaded, and so also of one that is written. 100,000 edits take at most 20 MB. */
export const maxCatalogBytes = 256 * 2 ** 20;

export class CatalogFile {
  /** Heads that are in the file. */
  #written: Heads;
  /** The file as this daemon last wrote or loaded it. If it has been replaced, nothing is appended to it. */
  #known: Pick<Stats, 'size' | 'mtimeMs'> | undefined;
  /** Whether changes are appended to the saved document. */
  #hasMore = false;
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
   * Loads the catalog from the file, if there is one, and keeps it there from then on. For a daemon that has not
   * started. Rejects if the file cannot be read or is not a catalog: starting without it would lose what is in it.
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
    if (saved) file.#known = await stat(target);
    // At once, so that a folder that is missing or not writable is an error of the start.
    if (!saved) await file.#replace(catalog.save(), false).catch(fail('write the catalog to'));
    file.#look();
    return file;
  }

  /** Writes pending changes, and stops. */
  async close(): Promise<void> {
    // It sets the timer again when it is done.
    await this.#writing;
    clearTimeout(this.#timer);
    await this.#write(true);
  }

  #look(restMs = lookEveryMs): void {
    this.#timer = setTimeout(() => {
      const begun = performance.now();
      this.#writing = this.#write()
        .catch(logFailure(this.log, 'saving the catalog'))
        .finally(() => this.#look(Math.max(lookEveryMs, restFactor * (performance.now() - begun))));
    }, restMs).unref();
  }

  /**
   * Never rejects.
   *
   * @param whole  whether to save the whole document, however long it takes
   */
  async #write(whole = false): Promise<void> {
    if (this.catalog.heads === this.#written && !(whole && this.#hasMore)) return;
    try {
      const more = whole ? undefined : await this.#more();
      const bytes = more ?? this.catalog.save();
      const { heads } = this.catalog;
      if (bytes.length > maxCatalogBytes) throw new Error(`the catalog has grown beyond ${maxCatalogBytes} bytes`);
      await this.#replace(bytes, more !== undefined);
      this.#written = heads;
      this.log.resolve(cannotWrite, { file: this.path }, 'the catalog is written again');
    } catch (error) {
      this.log.error({ file: this.path, reason: reasonOf(error as Error) }, cannotWrite);
    }
  }

  /** The changes to append to the file; undefined if the whole document has to be saved. */
  async #more(): Promise<Uint8Array | undefined> {
    const { catalog } = this;
    if (catalog.bytes <= wholeMost) return undefined;
    const known = this.#known;
    const now = await ifThere(stat(this.path));
    if (!known || now?.size !== known.size || now.mtimeMs !== known.mtimeMs) return undefined;
    const bytes = Buffer.concat(catalog.changesSince(this.#written) ?? []);
    return bytes.length > 0 && known.size + bytes.length <= maxCatalogBytes ? bytes : undefined;
  }

  async #replace(bytes: Uint8Array, behind: boolean): Promise<void> {
    await replaceFile(this.path, bytes, { mode: 0o600, behind });
    this.#hasMore = behind;
    this.#known = await stat(this.path);
  }
}

/** The message of a system error without the path of the temporary file, which differs each time. */
const reasonOf = ({ message }: Error): string => message.split(', ')[0]!;
