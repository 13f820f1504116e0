/** What shells complete, and the manual page. The shells do it themselves. */

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../helpers/cli.js';
import { isInstalled } from './deployments/programs.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bender-completion-'));
  await writeFile(join(folder, 'catalog.yaml'), '');
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { stdout, exitCode } = await run(['completion', shell]);
    expect(exitCode).toBe(0);
    await writeFile(join(folder, shell), stdout);
  }
});
afterAll(() => rm(folder, { recursive: true }));

// Skipped where the program is missing; .ci/run installs all of them.
const describeWith = (program: string) => (isInstalled(program) ? describe : describe.skip);

/** A line as it is typed; all that is offered at its end begins with its last word. */
const lines: [string, string[]][] = [
  ['bender sna', ['snapshot']],
  ['bender backends c', ['create']],
  ['bender serve --when-isolated ', ['expire', 'keep']],
  ['bender ls -o n', ['name']],
  ['bender ls --output j', ['json']],
  ['bender serve --isol', ['--isolated-for']],
  ['bender completion f', ['fish']],
  ['bender apply --file cata', ['catalog.yaml']],
  ['bender snapshot restore cata', ['catalog.yaml']],
  ['bender backends update web --sp', ['--split']],
];

const inBash = `
read -r -a COMP_WORDS <<<"$2"; [[ $2 == *' ' ]] && COMP_WORDS+=('')
COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
source "./$1"; _bender; printf '%s\\n' "\${COMPREPLY[@]}"
`;

describeWith('bash')('bash completes', () => {
  it.each(lines)('%s', async (line, words) => {
    const { stdout } = await execa('bash', ['--norc', '-c', inBash, 'bash', 'bash', line], { cwd: folder });
    // A flag and those that it is the beginning of.
    expect(stdout.split('\n').sort()).toEqual(words);
  });

  it('a value behind =, and programs behind --', async () => {
    const complete = async (words: string) => {
      const script = `COMP_WORDS=(${words}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); source ./bash; _bender; echo "\${COMPREPLY[@]}"`;
      return (await execa('bash', ['--norc', '-c', script], { cwd: folder })).stdout;
    };
    expect(await complete('bender serve --when-isolated = k')).toBe('keep');
    expect(await complete('bender serve --when-isolated =')).toBe('keep expire');
    expect(await complete('bender register --app web -- bas')).toMatch(/\bbash\b/);
    expect(await complete('bender register --app web -- cata')).toBe('catalog.yaml');
  });
});

describeWith('fish')('fish completes', () => {
  it.each(lines)('%s', async (line, words) => {
    const env = { HOME: folder, XDG_CONFIG_HOME: folder };
    const { stdout } = await execa('fish', ['-c', 'source fish; complete -C $argv[1]', line], { cwd: folder, env });
    const offered = stdout.split('\n').map((one) => one.split('\t')[0]);
    expect(offered.sort()).toEqual(words);
  });
});

describeWith('zsh')('zsh', () => {
  it('loads it, and offers commands and values', async () => {
    const capture = join(folder, 'capture.zsh');
    // What _arguments and _describe hand to compadd is what is offered.
    await writeFile(
      capture,
      `autoload -U compinit; compinit -u -D; source ./zsh
       offered() {
         words=(\${(z)1}); [[ $1 == *' ' ]] && words+=(''); CURRENT=$#words
         _describe() { print -l -- \${(P)2} \${=2} }
         _arguments() { print -l -- "$@" }
         _bender
       }
       offered "$1"`,
    );
    const offered = async (line: string) =>
      (await execa('zsh', ['-f', capture, line], { cwd: folder, env: { HOME: folder } })).stdout;
    expect(await offered('bender sna')).toContain('snapshot:');
    expect(await offered('bender backends c')).toContain('create:');
    expect(await offered('bender serve --when-isolated ')).toMatch(/^--when-isolated=\[.*\(keep expire\)$/m);
    expect(await offered('bender apply --file x')).toMatch(/^--file=\[.*:FILE:_files$/m);
  });
});

describe('the manual page', () => {
  const page = join(import.meta.dirname, '../../dist/man/bender.1');

  it('tells of every command', async () => {
    const { commands } = JSON.parse(await readFile(join(import.meta.dirname, '../../oclif.manifest.json'), 'utf8')) as {
      commands: Record<string, { summary: string }>;
    };
    const text = await readFile(page, 'utf8');
    for (const id of Object.keys(commands)) expect(text).toContain(`.SS "bender ${id.replaceAll(':', ' ')}`);
  });

  // Needs man, which .ci/run installs.
  (isInstalled('man') ? it : it.skip)('is laid out without a warning', async () => {
    const { stdout, stderr } = await execa('man', ['--warnings', '-l', page], { env: { MANWIDTH: '100' } });
    expect(stderr).toBe('');
    expect(stdout).toMatch(/--when-isolated keep\|expire/);
    expect(stdout).toMatch(/9 +status, doctor: something is wrong/);
  });
});
