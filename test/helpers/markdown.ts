/** What a test needs to know of a page in Markdown: its headings, links and blocks of code. */

/** Without blocks of code, whose lines look like headings and links. */
const withoutCode = (text: string): string => text.replace(/^```[^]*?^```$/gm, '');

/** The anchors that GitHub gives to the headings of a page. */
export function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading] of withoutCode(text).matchAll(/^#{1,6} +(.+)$/gm)) {
    const slug = slugOf(heading!);
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count++) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  for (const [, id] of text.matchAll(/<a (?:id|name)="([^"]+)"/g)) anchors.add(id!);
  return anchors;
}

/** Lower case, without punctuation, with dashes for spaces. A link counts as its text. */
const slugOf = (heading: string): string =>
  heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
    .replaceAll(' ', '-');

/** The targets of all links and images, also of those in HTML. */
export function linksOf(text: string): string[] {
  const prose = withoutCode(text).replace(/`[^`\n]*`/g, '`');
  return [...prose.matchAll(/\]\(([^()\s]+(?:\([^()\s]*\)[^()\s]*)?)\)|(?:src|href)="([^"]+)"/g)].map(
    ([, inMarkdown, inHtml]) => (inMarkdown ?? inHtml)!,
  );
}

/** The blocks of code, in order, each with its language; '' if it names none. */
export const codeBlocksOf = (text: string): [language: string, block: string][] =>
  [...text.matchAll(/^ *```(\w*)\n([^]*?)^ *```$/gm)].map(([, language, block]) => [language!, block!]);

/** Those of commands. */
export const shellBlocksOf = (text: string): string[] =>
  codeBlocksOf(text).flatMap(([language, block]) => (['sh', 'bash', 'shell'].includes(language) ? [block] : []));
