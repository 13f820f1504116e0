/** What the packages export: their entries, and the names that each entry has, from the sources of the entries. */

import { build } from 'esbuild';
import { join } from 'node:path';
import ts from 'typescript';

/**
 * @param {string} root  the project
 * @param {{name: string, exports: Record<string, string | {types: string}>}[]} packages  package.json of each
 * @returns {Promise<string[]>}  a line for each name, `bender/daemon createDaemon: value`, and for each member
 *   of a class or an interface; an entry with the same source as one before has one line
 */
export async function exportLines(root, packages) {
  const entries = packages.flatMap(({ name, exports }) =>
    Object.entries(exports).map(([path, to]) => ({
      id: name + path.slice(1),
      source:
        typeof to === 'string' ? undefined : join(root, to.types.replace('./dist/', 'src/').replace('.d.ts', '.ts')),
    })),
  );
  const sources = [...new Set(entries.flatMap(({ source }) => source ?? []))];
  const [names, values] = [namesIn(sources), await valuesIn(root, sources)];
  const linesOf = (id, source) =>
    names.get(source).flatMap(({ name, isType, members }) => {
      const isValue = values.get(source).includes(name);
      if (!isValue && !isType) return [];
      return [`${id} ${name}: ${isValue ? 'value' : 'type'}`, ...members.map((member) => `${id} ${name}.${member}`)];
    });
  return entries.flatMap(({ id, source }) => {
    if (source === undefined) return [id];
    const first = entries.find((entry) => entry.source === source);
    return first.id === id ? linesOf(id, source) : [`${id}: as ${first.id}`];
  });
}

/** All names, those of types included. Libraries are not read: no name of theirs is exported. */
function namesIn(sources) {
  const options = { noLib: true, types: [], module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2022 };
  const host = Object.assign(ts.createCompilerHost(options), { jsDocParsingMode: ts.JSDocParsingMode.ParseNone });
  host.resolveModuleNameLiterals = (literals, from) =>
    literals.map(({ text }) =>
      text.startsWith('.') ? ts.resolveModuleName(text, from, options, host) : { resolvedModule: undefined },
    );
  const program = ts.createProgram(sources, options, host);
  const checker = program.getTypeChecker();
  const exportsOf = (source) => checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(source)));
  return new Map(
    sources.map((source) => [
      source,
      exportsOf(source).map((symbol) => {
        const named = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
        const hasMembers = named.flags & (ts.SymbolFlags.Class | ts.SymbolFlags.Interface);
        return {
          name: symbol.name,
          isType: (named.flags & ts.SymbolFlags.Type) !== 0,
          members: hasMembers ? membersOf(checker.getDeclaredTypeOfSymbol(named)) : [],
        };
      }),
    ]),
  );
}

/** What callers may use of a class or an interface. */
const membersOf = (type) =>
  type
    .getProperties()
    .filter(({ name, declarations: [declaration] = [] }) => !name.startsWith('#') && isPublic(declaration))
    .map(({ name, flags }) => (flags & ts.SymbolFlags.Optional ? `${name}?` : name));

const isPublic = (declaration) =>
  !declaration ||
  (ts.getCombinedModifierFlags(declaration) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) === 0;

/** Those that are there when the program runs. */
async function valuesIn(root, sources) {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: sources,
    outdir: 'dist',
    write: false,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    metafile: true,
    logLevel: 'warning',
  });
  return new Map(
    Object.values(metafile.outputs)
      .filter(({ entryPoint }) => entryPoint !== undefined)
      .map(({ entryPoint, exports }) => [join(root, entryPoint), exports]),
  );
}
