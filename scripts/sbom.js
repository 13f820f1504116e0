/**
 * Writes dist/sbom.cdx.json (CycloneDX) for the package: the libraries in the bundle, and those that are installed
 * with it. npm counts the former as development, and lists with them all that builds and tests bender. What is shipped
 * is known from dist/LICENSES.txt.
 */

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const development = 'cdx:npm:package:development';

/** `name@version` of the libraries whose licences are in `text`. */
export const shippedIn = (text) =>
  new Set([...text.matchAll(/^(\S+) (\d\S*) \([^\n]*\)$/gm)].map(([, name, version]) => `${name}@${version}`));

/**
 * @param sbom  of npm, with all packages
 * @param {Set<string>} bundled  `name@version`
 */
export function shippedOnly(sbom, bundled, name) {
  const isDevelopment = ({ properties = [] }) => properties.some((one) => one.name === development);
  const root = sbom.metadata.component;
  const isInstalled = reachableFrom(root['bom-ref'], sbom, isDevelopment);
  const components = sbom.components
    .filter((one) => bundled.has(`${nameOf(one)}@${one.version}`) || isInstalled.has(one['bom-ref']))
    .map((one) => ({ ...one, properties: one.properties?.filter((property) => property.name !== development) }));
  const missing = [...bundled].filter(
    (one) => !components.some((known) => `${nameOf(known)}@${known.version}` === one),
  );
  if (missing.length > 0) throw new Error(`the lock file does not have ${missing.join(', ')}`);
  const kept = new Set([root['bom-ref'], ...components.map((one) => one['bom-ref'])]);
  return {
    ...sbom,
    // npm names the application like its folder.
    metadata: { ...sbom.metadata, component: { ...root, name } },
    components,
    dependencies: sbom.dependencies
      .filter(({ ref }) => kept.has(ref))
      .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((one) => kept.has(one)) })),
  };
}

const nameOf = ({ group, name }) => (group ? `${group}/${name}` : name);

/** What is installed with the package. Workspaces are packages of their own. */
function reachableFrom(ref, { components, dependencies }, isDevelopment) {
  const found = new Set();
  const visit = (from) => {
    for (const to of dependencies.find((one) => one.ref === from)?.dependsOn ?? []) {
      const component = components.find((one) => one['bom-ref'] === to);
      const isWorkspace = component?.purl === undefined || !component.hashes;
      if (found.has(to) || !component || isDevelopment(component) || isWorkspace) continue;
      found.add(to);
      visit(to);
    }
  };
  visit(ref);
  return found;
}

if (process.argv[1] === import.meta.filename) {
  const { name } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  // The settings of the npm that packs are none of this one's.
  const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith('npm_')));
  const sbom = execFileSync('npm', ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application'], {
    ...{ cwd: root, env, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, stdio: ['ignore', 'pipe', 'inherit'] },
  });
  const shipped = shippedIn(readFileSync(join(root, 'dist/LICENSES.txt'), 'utf8'));
  writeFileSync(
    join(root, 'dist/sbom.cdx.json'),
    `${JSON.stringify(shippedOnly(JSON.parse(sbom), shipped, name), null, 1)}\n`,
  );
}
