import { describe, expect, it } from '@jest/globals';
import { guard } from '../../../../src/cli/template/guard.js';
import type { Known } from '../../../../src/cli/template/known.js';
import type { Weighted } from '../../../../src/model/weights.js';
import { backendOf, frontendOf, registrationOf } from '../../../helpers/catalog.js';

const servers = (...ids: string[]): Weighted[] => ids.map((id) => ({ ...registrationOf(id), weight: 1 }));
const pool = (name: string, version: string, ...ids: string[]) => ({
  ...backendOf(name, name, version),
  registrations: servers(...ids),
});
const known = (parts: Partial<Known>): Known => ({
  ...{ frontends: [], backends: [], registrations: [], daemons: [] },
  ...parts,
});
const nothing = { backends: new Set<string>(), frontends: new Set<string>() };

const before = known({
  frontends: [frontendOf('www', 'web')],
  backends: [pool('api', '1', 'api/1/h/1'), pool('web', '1', 'web/1/h/1', 'web/1/h/2')],
  registrations: servers('api/1/h/1', 'web/1/h/1', 'web/1/h/2'),
});

it('lets everything through where there was nothing before', () => {
  const empty = known({ backends: [pool('web', '1')] });
  expect(guard(undefined, empty, nothing)).toEqual({ known: empty, kept: [] });
});

it('lets changes through', () => {
  const now = known({
    frontends: [frontendOf('www', 'api')],
    backends: [pool('api', '2', 'api/2/h/1'), pool('web', '1', 'web/1/h/1')],
    registrations: servers('api/2/h/1', 'web/1/h/1'),
  });
  expect(guard(before, now, nothing)).toEqual({ known: now, kept: [] });
});

it('keeps the servers of a backend that has none any more, and what else is said of it', () => {
  const now = known({ ...before, backends: [before.backends[0]!, pool('web', '2')] });
  const { known: rendered, kept } = guard(before, now, nothing);
  expect(rendered.backends).toEqual([before.backends[0], pool('web', '2', 'web/1/h/1', 'web/1/h/2')]);
  expect(kept).toEqual(['nothing is online for backend web: keeping 2 servers']);
});

it('leaves a backend empty that was', () => {
  const empty = known({ backends: [pool('web', '1')] });
  expect(guard(empty, empty, nothing)).toEqual({ known: empty, kept: [] });
});

it('keeps everything where all is gone, as in a registry that was restarted empty', () => {
  const { known: rendered, kept } = guard(before, known({}), nothing);
  expect(rendered).toEqual(before);
  expect(kept).toEqual([
    'backend api is gone, but was not deleted: keeping 1 server',
    'backend web is gone, but was not deleted: keeping 2 servers',
    'frontend www is gone, but was not deleted: keeping it',
    'nothing is online at all: keeping 3 registrations',
  ]);
});

describe('what was deleted', () => {
  const now = known({ ...before, backends: [before.backends[0]!], frontends: [] });
  const deleted = { backends: new Set(['web']), frontends: new Set(['www']) };

  it('goes', () => {
    expect(guard(before, now, deleted)).toEqual({ known: now, kept: [] });
  });

  it('goes, too, when it was kept until then', () => {
    const rendered = guard(before, now, nothing).known;
    expect(rendered.backends).toHaveLength(2);
    expect(guard(rendered, now, deleted).known).toEqual(now);
  });
});

it('keeps nothing at an address where another registration is online now', () => {
  const now = known({
    backends: [pool('web', '1')],
    registrations: servers('admin/1/h/1', 'api/1/h/1'),
    daemons: [{ name: 'd', url: 'http://h:2', generation: 1, runId: 'r', version: '1.0.0' }],
  });
  const { known: rendered } = guard(before, { ...now, backends: [...now.backends, pool('api', '1')] }, nothing);
  expect(rendered.backends.map(({ name, registrations }) => [name, registrations.length])).toEqual([
    ['api', 1],
    ['web', 0],
  ]);
  const vanished = guard(before, known({ registrations: servers('admin/1/h/2') }), nothing).known;
  expect(vanished.backends.map(({ name, registrations }) => [name, registrations.length])).toEqual([
    ['api', 1],
    ['web', 1],
  ]);
});
