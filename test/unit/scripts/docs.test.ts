/** What `npm run docs` makes of the figures beside other registries, and of settings. */

import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Scripts {
  peersTable(page: string): string;
  settingsTable(serve: { flags: object[] }): string;
}
const load = async <K extends keyof Scripts>(file: string): Promise<Pick<Scripts, K>> =>
  (await import(join(process.cwd(), 'scripts/docs', file))) as Pick<Scripts, K>;
const { peersTable } = await load<'peersTable'>('peers.js');
const { settingsTable } = await load<'settingsTable'>('settings.js');

describe('the figures beside other registries', () => {
  const page = readFileSync('docs/performance.md', 'utf8');

  it('are those of the page, with its date', () => {
    const [, date] = /suite in \S+ on ([\d-]+)/.exec(page)!;
    const [head, , ...rows] = peersTable(page).split('\n');
    expect(head).toContain(`measured on ${date}`);
    const [row] = rows;
    const [name, ...figures] = row!.split('|').slice(1, -1);
    expect(name!.trim()).toBe('bender');
    const [line] = page.split('\n').filter((one) => one.startsWith('| bender ') && one.includes(figures[0]!.trim()));
    for (const figure of figures) expect(line).toContain(figure.trim());
  });

  it('cannot be had from a page without them', () => {
    expect(() => peersTable('# Performance\n')).toThrow(/no figures beside its peers/);
    expect(() => peersTable(page.replace('renew/s', 'other/s'))).toThrow(/no column "renew\/s"/);
  });
});

it('has a row for each setting, in which a choice does not end the cell', () => {
  const description = 'What to do. [env: BENDER_WHEN_ISOLATED] [default: keep]';
  const help = { name: 'help', description: 'Show help.' };
  const table = settingsTable({ flags: [{ name: 'when-isolated', takes: 'keep|expire', description }, help] });
  expect(table.split('\n').slice(2)).toEqual([
    '| `--when-isolated keep\\|expire`<br>`BENDER_WHEN_ISOLATED` | keep | What to do. |',
  ]);
});
