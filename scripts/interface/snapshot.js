/**
 * The committed interface, and when it may be renewed. Its second line has a hash of the interface that was written,
 * and one of the unreleased part of CHANGELOG.md at that time: a changed interface needs a changed changelog.
 */

import { createHash } from 'node:crypto';

const title = '# What scripts, programs and dashboards rely on. `npm run interface` writes this file.';

/**
 * Decides about a renewal.
 *
 * @param {string | undefined} committed  the file as it is; undefined if there is none
 * @param {string} body  the interface as it is
 * @param {string} changelog  CHANGELOG.md
 * @returns {{text: string} | {refusal: string}}  what to write, or why nothing may be written
 */
export function renewed(committed, body, changelog) {
  const before = hashesIn(committed);
  const now = { interface: hashOf(body), changelog: hashOf(unreleased(changelog)) };
  if (before && before.interface === now.interface) return { text: textOf(body, before) };
  const fault = !/^- /m.test(unreleased(changelog))
    ? 'has no entry that is unreleased'
    : before?.changelog === now.changelog && 'says nothing new since the interface was last written';
  return fault
    ? { refusal: `The interface has changed, but CHANGELOG.md ${fault}: add a line for users, then npm run interface` }
    : { text: textOf(body, now) };
}

/**
 * What of the committed file is not so.
 *
 * @returns {string[]}  lines: `- ` of the file, `+ ` of the interface as it is
 */
export function differences(committed, body) {
  const [before, now] = [committed, body].map(factsIn);
  const lines = [
    ...[...before].filter((fact) => !now.has(fact)).map((fact) => `- ${fact}`),
    ...[...now].filter((fact) => !before.has(fact)).map((fact) => `+ ${fact}`),
  ];
  if (lines.length > 0) return lines;
  return committed === textOf(body, { ...hashesIn(committed), interface: hashOf(body) })
    ? []
    : ['(the same facts, but the file was not written by npm run interface)'];
}

/** Lines with the title of their section, since two sections may have the same line. */
function factsIn(text) {
  let section;
  return new Set(
    text.split('\n').flatMap((line) => {
      if (line.startsWith('## ')) section = line.slice(3);
      return line === '' || line.startsWith('#') ? [] : [`${section}: ${line}`];
    }),
  );
}

const textOf = (body, hashes) => `${title}\n# interface ${hashes.interface}, changelog ${hashes.changelog}\n\n${body}`;

/** Those of the first such line: in a conflict of git, there are two. */
function hashesIn(text = '') {
  const [, ofInterface, changelog] = /^# interface ([0-9a-f]{64}), changelog ([0-9a-f]{64})$/m.exec(text) ?? [];
  return ofInterface && { interface: ofInterface, changelog };
}

/** What lies below the heading "Unreleased". */
const unreleased = (changelog) => /^## Unreleased\n([^]*?)(?=^## |$(?![^]))/m.exec(changelog)?.[1] ?? '';

const hashOf = (text) => createHash('sha256').update(text).digest('hex');
