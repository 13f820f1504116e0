/** How libraries are changed on their way into the bundle. */

import { readFileSync } from 'node:fs';

/**
 * oclif without what it does at every start for the few commands that need it:
 * 1. Its modules load all that they import before they do anything, compiled to CommonJS as they are. Here each import
 *    is loaded where it is used first, so that a command that shows no help does not load what help needs.
 * 2. It sorts the names of the commands by the rules of a language, which take 7 ms to load. They are ASCII.
 */
export const leanOclif = {
  name: 'lean-oclif',
  setup({ onLoad }) {
    onLoad({ filter: /@oclif[\\/]core[\\/]lib[\\/].*\.js$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      return { contents: requiredWhereUsed(source.replace(byLanguage, byCode)), loader: 'js' };
    });
  },
};

const byLanguage = 'a.id.localeCompare(b.id)';
const byCode = '(a.id < b.id ? -1 : 1)';

/** `const x_1 = require("x");`, for whose every use the right side stands as well. */
const imports = /^const (\w+_\d+) = ((?:__importDefault\()?require\("[^"]+"\)\)?);$/gm;

function requiredWhereUsed(source) {
  const loaded = new Map([...source.matchAll(imports)].map(([, name, load]) => [name, load]));
  if (loaded.size === 0) return source;
  const names = new RegExp(`(?<![\\w.$])(?:${[...loaded.keys()].join('|')})(?![\\w$])`, 'g');
  return source.replace(imports, '').replace(names, (name) => `(${loaded.get(name)})`);
}

/** Importing node:process reads every property of it, some of which take milliseconds; the global does not. */
export const globalProcess = {
  name: 'global-process',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?process$/ }, () => ({ path: 'process', namespace: 'global-process' }));
    onLoad({ filter: /./, namespace: 'global-process' }, () => ({ contents: 'module.exports = process' }));
  },
};

/**
 * Puts an empty module in the place of one that its users can do without.
 *
 * @param {string} exported  what they see there instead, where they look into it without asking whether there is anything
 */
export const without = (name, exported = 'undefined') => ({
  name: `without-${name}`,
  setup({ onResolve, onLoad }) {
    const namespace = `without-${name}`;
    onResolve({ filter: new RegExp(`^${name}$`) }, () => ({ path: name, namespace }));
    onLoad({ filter: /./, namespace }, () => ({ contents: `module.exports = ${exported}` }));
  },
});
