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
  const [, markdown] = /^((?:\|.*\n)+)/m.exec(section);
  const [head, , ...rows] = markdown.trim().split('\n').map(cellsOf);
  const columns = shown.map(([name]) => {
    const index = head.findIndex((cell) => cell.startsWith(name));
    if (index < 0) throw new Error(`docs/performance.md has no column "${name}" beside its peers`);
    return index;
  });
  const body = rows.map((row) => {
    const figures = columns.map((index) => row[index].split(' / –')[0]);
    // Of the memory, the one with fewer registrations.
    return [row[0], ...figures.slice(0, -1), figures.at(-1).split(' / ')[0]];
  });
  return [
    `| measured on ${date} | ${shown.map(([, title]) => title).join(' | ')} |`,
    `| --- |${' ---: |'.repeat(shown.length)}`,
    ...body.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n');
}

const cellsOf = (line) =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
