import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseWait, readTemplates, templateSettings } from '../../../../src/cli/template/settings.js';
import { InvalidError } from '../../../../src/model/errors.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bender-settings-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(file: unknown) {
  const path = join(folder, 'templates.json');
  await writeFile(path, typeof file === 'string' ? file : JSON.stringify(file));
  return readTemplates(path);
}

it('refuses to write over the template, however that is named', async () => {
  const message = 'the template and the file to write are the same: ';
  for (const [src, dest] of [
    ['x.liquid', 'x.liquid'],
    ['x.liquid', './x.liquid'],
    [join(folder, 'x.liquid'), 'x.liquid'],
  ] as const)
    expect(() => templateSettings({ src, dest }, folder)).toThrow(message + dest);
  await expect(read({ templates: [{ src: 'x', dest: 'y/../x' }] })).rejects.toThrow(message);
  expect(templateSettings({ src: 'x', dest: 'y' }, folder).dest).toBe(join(folder, 'y'));
});

it('reads several templates, with paths from the file on', async () => {
  const full = {
    src: 'a.liquid',
    dest: '/etc/a',
    check: 'c {}',
    exec: 'e',
    wait: '1s:5s',
    'allow-empty': true,
    near: 'zone:eu-1',
    'near-at-least': 2,
  };
  expect(await read({ templates: [full, { src: '../b.liquid', dest: 'b' }] })).toEqual([
    {
      ...{ src: join(folder, 'a.liquid'), dest: '/etc/a', check: 'c {}', exec: 'e' },
      ...{ wait: { min: 1000, max: 5000 }, allowEmpty: true },
      near: { name: 'zone', text: 'eu-1', atLeast: 2 },
    },
    {
      ...{ src: join(folder, '../b.liquid'), dest: join(folder, 'b'), check: undefined, exec: undefined },
      ...{ wait: { min: 200, max: 2000 }, allowEmpty: false },
    },
  ]);
});

it.each([
  ['no JSON', 'cannot be read'],
  [[], 'must be a JSON object'],
  [{ templates: [] }, 'must be an array with a template at least'],
  [{ template: [] }, '"template" in'],
  [{ templates: ['a'] }, 'must be a JSON object'],
  [{ templates: [{ src: 'a' }] }, '"dest" must be a string'],
  [{ templates: [{ src: 'a', dest: 'b', 'allow-empty': 'yes' }] }, '"allow-empty" must be a boolean'],
  [{ templates: [{ src: 'a', dest: 'b', near: 'eu-1' }] }, "'near' must be"],
  [{ templates: [{ src: 'a', dest: 'b', 'near-at-least': '2' }] }, '"near-at-least" must be a number'],
  [{ templates: [{ src: 'a', dest: 'b', near: 'a:b', 'near-at-least': 0.5 }] }, '"near-at-least" must be a whole'],
  [{ templates: [{ src: 'a', dest: 'b', chekc: 'c' }] }, '"chekc" in'],
  [{ templates: [{ src: 'a', dest: 'b', wait: 'soon' }] }, 'template 1 in'],
  [
    {
      templates: [
        { src: 'a', dest: 'b' },
        { src: 'c', dest: './b' },
      ],
    },
    'two templates',
  ],
])('refuses %j', async (file, message) => {
  const failure = read(file);
  await expect(failure).rejects.toThrow(InvalidError);
  await expect(failure).rejects.toThrow(message);
});

it('refuses a check that does not say where the file goes', () => {
  expect(() => templateSettings({ src: 'a', dest: 'b', check: 'nginx -t' })).toThrow('{}');
});

it('reads a wait', () => {
  expect(parseWait('200ms:2s')).toEqual({ min: 200, max: 2000 });
  expect(parseWait('0:0')).toEqual({ min: 0, max: 0 });
});

it.each(['', '1s', '1s:2s:3s', '2s:1s', 'a:b'])('refuses the wait %j', (text) => {
  expect(() => parseWait(text)).toThrow(InvalidError);
});
