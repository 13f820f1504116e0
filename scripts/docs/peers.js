/** The figures of bender beside other registries, as `docs/performance.md` has them: that page is their one source. */

const shown = [
  ['register/s', 'registrations/s'],
  ['renew/s', 'renewals/s'],
  ['query of ten/s', 'look-ups of ten/s'],
  ['online event, p50 / p99', 'change at another server, p50 / p99'],
  ['RSS at 10,000', 'memory with 10,000'],
];

/** @param {string} page */
export function peersTable(page) {
  const [, section] = page.split('### How does bender do beside its peers');
  if (!section) throw new Error('docs/performance.md has no figures beside its peers: npm run bench -- peers, report');
  const [, date] = /By the suite in \[bench\/\]\([^)]*\) on ([\d-]+(?: to [\d-]+)?)/.exec(page);
  const [head, , ...rows] = section
    .split('\n')
    .slice(section.split('\n').findIndex((line) => line.startsWith('|')))
    .map((line) => line.trim());
  const table = [
    head,
    ...rows.slice(
      0,
      rows.findIndex((line) => !line.startsWith('|')),
    ),
  ].map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  const columns = shown.map(([name]) => {
    const index = table[0].findIndex((cell) => cell.startsWith(name));
    if (index < 0) throw new Error(`docs/performance.md has no column "${name}" beside its peers`);
    return index;
  });
  const cells = ([name, ...others]) => [name, ...columns.map((index) => [name, ...others][index].split(' / –')[0])];
  const body = table.slice(1).map((row) => {
    const [name, ...figures] = cells(row);
    return [name, ...figures.slice(0, -1), figures.at(-1).split(' / ')[0]];
  });
  return [
    `| measured on ${date} | ${shown.map(([, title]) => title).join(' | ')} |`,
    `| --- |${' ---: |'.repeat(shown.length)}`,
    ...body.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n');
}
