/** What a benchmark found: said as Markdown, and kept as JSON for docs/performance.md. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { short } from './options.js';
import { figure, say, table } from './report.js';

/** What is to be reached: at least or at most so much. */
export interface Bar {
  what: string;
  kind: 'at least' | 'at most';
  limit: number;
  value: number;
  /** Of both; empty for a ratio. */
  unit: string;
}

export interface Table {
  title: string;
  head: readonly string[];
  rows: readonly (readonly string[])[];
}

/** One of .bench/NAME.json. */
export interface Kept {
  name: string;
  question: string;
  date: string;
  /** The commit that was measured. */
  commit: string;
  machine: { node: string; cpu: string; cores: number; memoryMB: number; busy: number };
  tables: Table[];
  bars: Bar[];
  /** What was measured, as it was. */
  results: unknown;
}

export const isMet = ({ kind, limit, value }: Bar): boolean => (kind === 'at least' ? value >= limit : value <= limit);

const withUnit = (value: number, unit: string): string => (unit === '' ? figure(value) : `${figure(value)} ${unit}`);

export const barHead = ['', 'target', 'measured', 'met'];

export const barRow = (bar: Bar): string[] => [
  bar.what,
  `${bar.kind === 'at least' ? '>=' : '<='} ${withUnit(bar.limit, bar.unit)}`,
  withUnit(bar.value, bar.unit),
  isMet(bar) ? 'yes' : 'no',
];

export class Results {
  readonly #tables: Table[] = [];
  readonly #bars: Bar[] = [];
  readonly #busy = loadavg()[0]!;

  constructor(
    private readonly name: string,
    private readonly question: string,
  ) {
    say(`## ${name}: ${question}\n`);
  }

  table(title: string, head: readonly string[], rows: readonly (readonly string[])[]): void {
    this.#tables.push({ title, head, rows });
    say(`${title}:\n\n${table(head, rows)}\n`);
  }

  atLeast(what: string, limit: number, value: number, unit = ''): void {
    this.#bars.push({ what, kind: 'at least', limit, value, unit });
  }

  atMost(what: string, limit: number, value: number, unit = ''): void {
    this.#bars.push({ what, kind: 'at most', limit, value, unit });
  }

  /**
   * Says which bars were met, and keeps everything. A short run, which says nothing, and one of another build are kept
   * apart.
   */
  done(results: unknown): void {
    if (this.#bars.length > 0) say(`${table(barHead, this.#bars.map(barRow))}\n`);
    keep({
      name: this.name,
      question: this.question,
      date: new Date().toISOString(),
      commit: commit(),
      machine: {
        node: process.version,
        cpu: cpus()[0]?.model ?? '',
        cores: cpus().length,
        memoryMB: Math.round(totalmem() / 1e6),
        busy: this.#busy,
      },
      tables: this.#tables,
      bars: this.#bars,
      results,
    });
  }
}

const folder = new URL('../../../', import.meta.url);

/** What is measured is no build of this tree. */
const isOther = process.env.BENDER_BIN !== undefined;

function keep(kept: Kept): void {
  const into = isOther ? new URL('other/', folder) : short ? new URL('short/', folder) : folder;
  mkdirSync(into, { recursive: true });
  writeFileSync(new URL(`${kept.name}.json`, into), `${JSON.stringify(kept, null, 2)}\n`);
}

/** What a benchmark found when it last ran in full; undefined if it never did. */
export function lastResults(name: string): Kept | undefined {
  try {
    return JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')) as Kept;
  } catch {
    return undefined;
  }
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}

/** Keeps the results of a benchmark that judges nothing, as .bench/NAME.json. */
export function save(name: string, results: unknown): void {
  const machine = { node: process.version, cpu: cpus()[0]?.model ?? '', cores: cpus().length };
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify({ name, machine, results }, null, 2)}\n`);
}
