/** What holds the core together: see docs/decisions/0026-rooms-of-the-core.md. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = process.cwd();
const core = join(root, 'src/daemon/core');

const files = readdirSync(core, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

/** The files of the core in which this is called, once for each call. */
const callersOf = (call: RegExp): string[] =>
  files.flatMap((file) => {
    const calls = readFileSync(join(core, file), 'utf8').match(new RegExp(call, 'g')) ?? [];
    return calls.map(() => file);
  });

describe('what follows from an input', () => {
  it.each([
    ['the view is flushed', /\bview\.flush\(/, ['events/outbox.ts']],
    ['an event is logged', /\bevents\.append\(/, ['events/outbox.ts']],
    ['what is different is published', /\boutbox\.publish\(/, ['steps.ts']],
    ['the alarm is set', /\.arm\(/, ['steps.ts', 'turn.ts']],
    ['own holdings are committed', /\bown\.commit\(/, ['replication/commits.ts']],
    ['what was written is pushed', /\bcommits\.commit\(/, ['steps.ts']],
    ['a step is taken', /\bsteps(\(\))?\.commit\(/, ['turn.ts']],
  ])('is in one place: %s', (_, call, places) => {
    expect(callersOf(call)).toEqual(places);
  });
});

describe('an incarnation', () => {
  const own = 'membership/incarnation.ts';
  const [, body = ''] = readFileSync(join(core, own), 'utf8').split('export class Incarnation {');
  const fields = [...body.matchAll(/^ {2}(\w+)(: [^(\n]*| = .*);$/gm)].map(([, name]) => name!);
  const write = (field: string): RegExp =>
    new RegExp(`\\.${field}( ([-+*/|&?]*=) |[-+]{2})|[-+]{2}[\\w.]+\\.${field}\\b`);

  it('has fields', () => {
    expect(fields).toEqual(expect.arrayContaining(['counter', 'lost', 'dismissed', 'longestTtlMs', 'fetchedAnew']));
  });

  it.each(fields)('is written by its own methods only: %s', (field) => {
    expect(new Set(callersOf(write(field)))).toEqual(new Set([own]));
  });
});

describe('the walks of docs/architecture.md', () => {
  const text = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
  const steps = [...text.matchAll(/^\d+\. \[[^\]]+\]\(\.\.\/([^)]+)\) `([^`]+)`/gm)];

  it('are four, of about ten steps', () => {
    expect(steps.length).toBeGreaterThanOrEqual(32);
  });

  it.each(steps.map(([, file, name]) => [file!, name!]))('%s has %s', (file, name) => {
    const source = readFileSync(join(root, file), 'utf8');
    const declared = new RegExp(`^\\s*(export function |protected |async |\\*)*${name}(\\(|:)`, 'm');
    expect(source).toMatch(declared);
  });
});
