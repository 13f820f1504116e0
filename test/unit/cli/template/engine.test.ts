import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { templateData } from '../../../../src/cli/template/data.js';
import { engineFor } from '../../../../src/cli/template/engine.js';
import { InvalidError } from '../../../../src/model/errors.js';
import { backendOf, registrationOf } from '../../../helpers/catalog.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bender-engine-'));
});
afterAll(() => rm(folder, { recursive: true }));

const meta = { zone: 'b', note: '<&>' };
const data = templateData({
  frontends: [],
  backends: [
    {
      ...backendOf('web', 'web', '1'),
      registrations: [{ ...registrationOf('web/1/::1/80', { meta }), weight: 3 }],
    },
  ],
  registrations: [],
  daemons: [],
});

async function render(text: string, name = 'template'): Promise<string> {
  await writeFile(join(folder, name), text);
  return engineFor(join(folder, name)).render(data);
}

it('renders what there is, as it is', async () => {
  const text = `{% for backend in backends %}{% for r in backend.registrations -%}
    server {{ r.address | slug }} {{ r.address }} weight {{ r.weight }} # {{ r.meta.note }}
  {%- else %}none{% endfor %}{% endfor %}`;
  expect(await render(text)).toBe('server x--1--80-09f227805620 [::1]:80 weight 3 # <&>');
});

it.each([
  ['{% if backends[0].registrations[0].meta.rack %}yes{% else %}no{% endif %}', 'no'],
  ["{{ backends[0].registrations[0].meta.rack | default: 'none' }}", 'none'],
  ["{{ backends | where: 'name', 'web' | size }}", '1'],
  ["{% assign hosts = backends[0].routing.hosts | default: backends[0].name %}{{ hosts | join: ' ' }}", 'web'],
])('can be asked for what may be missing: %s', async (text, expected) => {
  expect(await render(text)).toBe(expected);
});

it('takes in parts from beside the template', async () => {
  await writeFile(join(folder, 'part'), 'part of {{ name }}');
  expect(await render("{% render 'part', name: 'it' %}")).toBe('part of it');
});

it.each([
  ['{{ backend.name }}', 'undefined variable: backend, line:1, col:4'],
  ['\n{{ backends | nope }}', 'undefined filter: nope, line:2'],
  ['{% for %}', 'illegal tag'],
  ['{% if a %}', 'not closed'],
  ['{{ backends[0].constructor.name }}', 'undefined variable'],
])('says what is wrong with %j, and where', async (text, message) => {
  const failure = render(text, 'bad');
  await expect(failure).rejects.toThrow(InvalidError);
  await expect(failure).rejects.toThrow(message);
  await expect(failure).rejects.toThrow(join(folder, 'bad'));
});

it('says what is no template before there is anything to render', async () => {
  await writeFile(join(folder, 'open'), '{% for x in y %}');
  await expect(engineFor(join(folder, 'open')).check()).rejects.toThrow('not closed');
  await expect(engineFor(join(folder, 'missing')).check()).rejects.toThrow(
    /^cannot read the template .*: there is no such file$/,
  );
});
