/**
 * Writes what belongs to a command line beside its program, from the manifest of its commands: completions for bash,
 * zsh and fish, and the manual page. `bender completion SHELL` prints the former.
 *
 * Oclif's plugin for completions is of no use here: it has to be installed as a plugin, and writes its scripts into the
 * user's home when it is first called.
 */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bashCompletion } from './completions/bash.js';
import { commandsIn } from './completions/commands.js';
import { fishCompletion } from './completions/fish.js';
import { zshCompletion } from './completions/zsh.js';
import { manualPage } from './manual-page.js';

const root = join(import.meta.dirname, '..');
const read = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'));
const manifest = read('oclif.manifest.json');
const commands = commandsIn(manifest, read('package.json').oclif.topics);
const { exitCodes, whichDaemon } = await import('../dist/cli/help.js');

const files = {
  'completion/bender.bash': bashCompletion(commands),
  'completion/_bender': zshCompletion(commands),
  'completion/bender.fish': fishCompletion(commands),
  'man/bender.1': manualPage(commands, { version: manifest.version, exitCodes, whichDaemon }),
};
for (const [name, text] of Object.entries(files)) {
  const path = join(root, 'dist', name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
}
