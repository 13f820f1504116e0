/** What users rely on is as it was committed, and changes only together with the changelog. */

import { beforeAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { join } from 'node:path';
import setUp from '../../helpers/built.js';

type Renewal = { text: string; refusal?: undefined } | { text?: undefined; refusal: string };
interface Snapshot {
  renewed: (committed: string | undefined, body: string, changelog: string) => Renewal;
  differences: (committed: string, body: string) => string[];
  nameIn: (line: string) => string | undefined;
}
interface Schemas {
  schemaLines: (schemas: Record<string, object>) => string[];
}
const load = async (file: string): Promise<unknown> => import(join(process.cwd(), 'scripts/interface', file));
const { renewed, differences, nameIn } = (await load('snapshot.js')) as Snapshot;
const { schemaLines } = (await load('schemas.js')) as Schemas;

describe('the interface', () => {
  beforeAll(() => setUp(), 300_000);

  it('is the one that is committed (npm run interface)', async () => {
    const ran = await execa(process.execPath, ['scripts/interface.js', '--check'], { all: true, reject: false });
    expect({ all: ran.all, exitCode: ran.exitCode }).toEqual({ all: '', exitCode: 0 });
  });
});

const body = '## commands\n\nbender ls\n\n## metrics\n\nbender_leases: gauge\n';
const more = body.replace('bender ls\n', 'bender ls\nbender rm\n');
const log = '# Changelog\n\n## Unreleased\n\n- Lists.\n\n## 1.0.0\n\n- The first.\n';
const longerLog = log.replace('- Lists.\n', '- Lists.\n- `bender rm` removes.\n');

describe('its renewal', () => {
  const committed = renewed(undefined, body, log).text!;

  it('needs a change of what is unreleased in the changelog', () => {
    expect(renewed(committed, more, log).refusal).toMatch(/CHANGELOG.md says nothing new/);
    expect(renewed(committed, more, log.replace('The first', 'The very first')).refusal).toMatch(/nothing new/);
    const { text } = renewed(committed, more, longerLog);
    expect(differences(text!, more)).toEqual([]);
    expect(renewed(text, body, longerLog).refusal).toMatch(/nothing new/);
  });

  it('needs the name of what has changed there, as code', () => {
    const refusalWith = (line: string) => renewed(committed, more, log.replace('- Lists.\n', `$&- ${line}\n`)).refusal;
    expect(refusalWith('Removes.')).toMatch(/names nowhere in its unreleased entries: `rm`:/);
    expect(refusalWith('rm, `bender rmdir`, `bender --rm-all`')).toMatch(/`rm`/);
    expect(refusalWith('`bender rm`')).toBeUndefined();
    expect(renewed(committed, body.replace('leases', 'lives'), longerLog).refusal).toMatch(
      /`bender_leases`, `bender_lives`/,
    );
  });

  it.each([
    ['+ commands: bender deploy --wait N, default 1', '--wait'],
    ['+ commands: bender completion 1:SHELL, bash|zsh|fish, required', 'completion'],
    ['- commands: bender register [-- CMD]', 'register'],
    ['+ exit codes: 7 TOO_FEW_ONLINE', 'TOO_FEW_ONLINE'],
    ['+ settings of bender serve: peer-timeout: --peer-timeout DURATION, default 2000', 'peer-timeout'],
    ['+ routes and the roles that they need: GET /backends/:name/registrations: read', 'registrations'],
    ['+ requests and answers: GET /history query drain-rule: string', 'drain-rule'],
    ['+ requests and answers: PUT /drain-rules/{name} errors: 400, 401', 'drain-rules'],
    ['+ JSON keys: Event(backend-created|backend-updated).at: integer, required', 'at'],
    ['+ JSON keys: NewBackend.split.*: integer 0..1000', 'split'],
    ['+ JSON keys: Explanation.reasons[].code: string', 'code'],
    ['+ exports: bender/daemon createDaemon: value', 'createDaemon'],
    ['(the same facts, but the file was not written by npm run interface)', undefined],
  ])('finds it in %s', (line, name) => {
    expect(nameIn(line)).toBe(name);
  });

  it('needs a line there after a release, too', () => {
    const released = log.replace('## Unreleased\n', '## Unreleased\n\n## 1.1.0\n');
    expect(renewed(committed, more, released).refusal).toMatch(/CHANGELOG.md has no entry that is unreleased/);
    expect(renewed(committed, more, '# Changelog\n\n## 1.1.0\n\n- Lists.\n').refusal).toMatch(/no entry/);
  });

  it('changes nothing while the interface is the same, whatever the changelog says', () => {
    expect(renewed(committed, body, longerLog).text).toBe(committed);
    expect(differences(committed, body)).toEqual([]);
  });

  it('needs the changelog if the facts were changed by hand before', () => {
    expect(renewed(committed.replace('bender ls\n', 'bender ls\nbender rm\n'), more, log).refusal).toMatch(
      /nothing new/,
    );
  });

  it('goes from the side of main in a conflict', () => {
    const [theirs, line] = [renewed(committed, more, longerLog).text!, /^# interface .*$/m];
    const conflict = committed.replace(line, `<<<<<<< HEAD\n$&\n=======\n${line.exec(theirs)![0]}\n>>>>>>> other`);
    expect(renewed(conflict, more, log).refusal).toMatch(/nothing new/);
    expect(renewed(conflict, more, longerLog).text).toBe(theirs);
  });
});

describe('a difference', () => {
  const committed = renewed(undefined, body, log).text!;

  it('shows its section and its side', () => {
    const now = more.replace('leases: gauge', 'leases: counter');
    expect(differences(committed, now)).toEqual([
      '- metrics: bender_leases: gauge',
      '+ commands: bender rm',
      '+ metrics: bender_leases: counter',
    ]);
  });

  it('is seen in a file that was edited by hand to the same facts', () => {
    expect(differences(committed.replace('bender ls\n', 'bender ls\nbender rm\n'), more)).toEqual([
      expect.stringContaining('not written by npm run interface'),
    ]);
    expect(differences('', body)).toHaveLength(2);
  });
});

it('has a line for each key of a schema, in lists and alternatives, too, with its bounds', () => {
  const either = (type: string, properties: object) => ({
    ...{ type: 'object', required: ['type'] },
    properties: { type: { const: type }, ...properties },
  });
  expect(
    schemaLines({
      Event: { anyOf: [either('came', { of: { $ref: '#/x/Thing' } }), either('went', { why: { enum: ['a', 'b'] } })] },
      Things: { type: 'array', items: { type: 'object', properties: { by: { type: ['string', 'null'] } } } },
      Map: { type: 'object', additionalProperties: { anyOf: [{ type: 'integer' }, { type: 'string' }] } },
      Port: { type: 'integer', minimum: 1, maximum: 65535, default: 80 },
      Names: { type: 'array', items: { type: 'string', minLength: 1, pattern: '^a' }, maxItems: 16 },
    }),
  ).toEqual([
    'Event: object',
    'Event(came).type: "came", required',
    'Event(came).of: Thing',
    'Event(went).type: "went", required',
    'Event(went).why: "a" | "b"',
    'Things: object[]',
    'Things[].by: string | null',
    'Map: object',
    'Map.*: integer | string',
    'Port: integer 1..65535 default 80',
    'Names: (string 1.. /^a/)[] ..16',
  ]);
});
