/**
 * Writes what users rely on (commands, exit codes, routes, JSON keys, settings, variables, metrics, events, exports)
 * into test/interface/interface.txt: `npm run interface`, after a build. It refuses to if the interface has changed and
 * CHANGELOG.md has not. With `--check` it writes nothing, shows what differs, and ends with 1 if anything does.
 */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandsIn } from './completions/commands.js';
import { exportLines } from './interface/exports.js';
import * as lines from './interface/lines.js';
import { differences, renewed } from './interface/snapshot.js';
import { declaredIn } from './interface/sources.js';

const root = join(import.meta.dirname, '..');
const path = join(root, 'test/interface/interface.txt');
const read = (name) => readFileSync(join(root, name), 'utf8');
const ofPackage = JSON.parse(read('package.json'));

const commands = commandsIn(JSON.parse(read('oclif.manifest.json')), ofPackage.oclif.topics);
const { settingTable, environmentName, exitCodes, unhealthyExitCode, accessTable, eventTypes, metrics, api } =
  await declaredIn(root);
const body = lines.textOf({
  commands: lines.commandLines(commands, settingTable),
  'exit codes': lines.exitCodeLines(exitCodes, unhealthyExitCode),
  'settings of bender serve': lines.settingLines(settingTable, environmentName),
  'variables of the commands': lines.variableLines(commands, settingTable, environmentName),
  'routes and the roles that they need': lines.accessLines(accessTable),
  'requests and answers': lines.operationLines(api),
  'JSON keys': lines.keyLines(api),
  'event types': eventTypes,
  metrics: lines.metricLines(metrics),
  exports: await exportLines(root, [ofPackage, JSON.parse(read('packages/client/package.json'))]),
});

const committed = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
if (process.argv.includes('--check')) {
  const differing = differences(committed ?? '', body);
  if (differing.length > 0) {
    console.error(`The interface is not that of test/interface/interface.txt:\n\n${differing.join('\n')}\n`);
    console.error('If that is meant: add a line to CHANGELOG.md, and renew with npm run interface');
    process.exit(1);
  }
} else {
  const { text, refusal } = renewed(committed, body, read('CHANGELOG.md'));
  if (refusal) {
    console.error(refusal);
    process.exit(1);
  }
  if (text !== committed) writeFileSync(path, text);
}
