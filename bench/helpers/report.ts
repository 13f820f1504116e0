/** What every benchmark needs to say what it found. */

export const say = (line = ''): void => void process.stdout.write(`${line}\n`);

/** A line that says what is going on, for people only: not where the output goes to a file. */
export const progress = (line: string): void => void process.stderr.write(`… ${line}\n`);

/** Three digits that mean something; the rest is noise. */
export const figure = (value: number): string =>
  value === 0
    ? '0'
    : value >= 1000
      ? (Math.round(value / 10) * 10).toLocaleString('en')
      : value.toPrecision(value >= 100 ? 3 : 2).replace(/\.0+$/, '');

/** µs as people read them. */
export const duration = (us: number): string => (us < 10_000 ? `${figure(us)} µs` : `${figure(us / 1000)} ms`);

/** A Markdown table, so that it can go into a page as it stands. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join(' | ')} |`;
  const rule = `|${widths.map((width, column) => '-'.repeat(width + 1) + (column === 0 ? '-' : ':')).join('|')}|`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}

/** µs that `work` takes. */
export function timed(work: () => void): number {
  const begun = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - begun) / 1000;
}
