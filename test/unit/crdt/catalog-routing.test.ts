/** Routing facts in the catalog, also beside daemons that do not know them. */

import { describe, expect, it } from '@jest/globals';
import { Catalog } from '../../../src/crdt/catalog.js';
import { newDocument } from '../../helpers/samples.js';

const newCatalog = (): Catalog => new Catalog(newDocument());
const blue = { name: 'web', app: 'web', version: '1.0.0' };
const routing = { hosts: ['www.example.com'], pathPrefix: '/shop', scheme: 'https' } as const;

function send(from: Catalog, to: Catalog) {
  from.commit();
  return to.merge(from.document.changesSince(to.document.heads));
}

/** What a daemon writes that does not know routing facts. */
function writeAsOlder(catalog: Catalog, value: object, key = 'backend/web') {
  catalog.document.put(key, JSON.stringify(value));
  catalog.document.commit();
}

describe('routing facts', () => {
  it('arrive with their value, as one event', () => {
    const [a, b] = [newCatalog(), newCatalog()];
    a.setBackend('web', { ...blue, routing });
    a.setFrontend('www', { name: 'www', backend: 'web', routing });
    expect(send(a, b).events).toEqual([
      { type: 'backend-created', backend: { resource: 'Backend', ...blue, routing } },
      { type: 'frontend-created', frontend: { resource: 'Frontend', name: 'www', backend: 'web', routing } },
    ]);
    a.setBackend('web', blue);
    expect(send(a, b).events).toEqual([{ type: 'backend-updated', backend: { resource: 'Backend', ...blue } }]);
  });

  it('are no write if they are equal', () => {
    const catalog = newCatalog();
    catalog.setBackend('web', { ...blue, routing });
    expect(catalog.setBackend('web', { ...blue, routing })).toBeUndefined();
    catalog.setBackend('web', blue);
    expect(catalog.setBackend('web', blue)).toBeUndefined();
  });

  it('cost a catalog without them nothing', () => {
    const catalog = newCatalog();
    catalog.setBackend('web', blue);
    expect(catalog.document.values()).toEqual([{ key: 'backend/web', value: '{"app":"web","version":"1.0.0"}' }]);
  });

  it('outlast a change by a daemon that does not know them', () => {
    const [a, b] = [newCatalog(), newCatalog()];
    a.setBackend('web', { ...blue, routing });
    send(a, b);
    writeAsOlder(b, { app: 'web', version: '2.0.0' });
    const after = { resource: 'Backend', ...blue, version: '2.0.0', routing };
    expect(send(b, a).events).toEqual([{ type: 'backend-updated', backend: after }]);
    expect(a.backends.get('web')).toEqual(after);
    expect(a.history({ limit: 1 })[0]).toMatchObject({ from: { routing }, to: { version: '2.0.0', routing } });
    const loaded = newCatalog();
    loaded.load(a.document.save());
    expect(loaded.backends.get('web')).toEqual(after);
  });

  it('are in the history before and after changes by a daemon that does not know them, so that a rollback keeps them', () => {
    const [a, b] = [newCatalog(), newCatalog()];
    writeAsOlder(a, { app: 'web', version: '0.9.0' });
    a.setBackend('web', { ...blue, routing });
    send(a, b);
    writeAsOlder(b, { app: 'web', version: '2.0.0' });
    writeAsOlder(b, { app: 'web', version: '3.0.0' });
    send(b, a);
    a.setBackend('web', { ...blue, version: '4.0.0', routing });
    a.commit();
    const [fourth, third, second, first, zeroth] = a.history({ limit: 10 });
    for (const edit of [fourth, third, second]) expect(edit).toMatchObject({ from: { routing }, to: { routing } });
    expect(first).toMatchObject({ to: { routing } });
    expect(first!.from).toEqual({ resource: 'Backend', ...blue, version: '0.9.0' });
    expect(zeroth!.to).toEqual(first!.from);
  });

  it('and a warm-up outlast such changes together, each by itself, and in the history', () => {
    const [a, b] = [newCatalog(), newCatalog()];
    const warmupMs = 30_000;
    a.setBackend('web', { ...blue, warmupMs });
    send(a, b);
    writeAsOlder(b, { app: 'web', version: '2.0.0' });
    const [second, first] = [
      { version: '2.0.0', warmupMs },
      { version: '1.0.0', warmupMs },
    ];
    expect(send(b, a).events).toEqual([
      { type: 'backend-updated', backend: { resource: 'Backend', ...blue, ...second } },
    ]);
    expect(a.history({ limit: 2 })).toMatchObject([{ from: first, to: second }, { to: first }]);
    a.setBackend('web', { ...blue, routing, warmupMs });
    a.commit();
    a.setBackend('web', { ...blue, routing });
    send(a, b);
    writeAsOlder(b, { app: 'web', version: '3.0.0' });
    send(b, a);
    expect(a.backends.get('web')).toEqual({ resource: 'Backend', ...blue, version: '3.0.0', routing });
    expect(a.history({ limit: 2 })).toMatchObject([{}, { from: { routing, warmupMs }, to: { routing } }]);
    expect(a.history({ limit: 1 })[0]!.to).not.toHaveProperty('warmupMs');
  });

  it.each([0, -1, 0.5, 999, 1e9, '30s', {}])('have no warm-up by another daemon of %j', (warmupMs) => {
    const [a, b] = [newCatalog(), newCatalog()];
    writeAsOlder(b, { app: 'web', version: '1.0.0', warmupMs });
    send(b, a);
    expect(a.backends.get('web')).toEqual({ resource: 'Backend', ...blue });
  });

  it('that were removed are not in the history of what such a daemon does afterwards', () => {
    const a = newCatalog();
    a.setFrontend('www', { name: 'www', routing });
    a.commit();
    a.setFrontend('www', undefined);
    a.commit();
    writeAsOlder(a, { backend: 'web' }, 'frontend/www');
    writeAsOlder(a, { backend: 'new' }, 'frontend/www');
    const bare = { resource: 'Frontend', name: 'www' };
    expect(a.history({ limit: 2 })).toMatchObject([
      { from: { ...bare, backend: 'web' }, to: { ...bare, backend: 'new' } },
      { to: { ...bare, backend: 'web' } },
    ]);
    for (const { from, to } of a.history({ limit: 2 }))
      for (const one of [from, to]) expect(one ?? {}).not.toHaveProperty('routing');
  });

  it('are in the history of a value that hides another one with facts', () => {
    const [a, b] = [newCatalog(), newCatalog()];
    writeAsOlder(a, { app: 'web', version: '1.0.0' });
    send(a, b);
    a.setBackend('web', { ...blue, routing });
    a.commit();
    // The later of two concurrent writes wins.
    writeAsOlder(b, {}, 'other');
    writeAsOlder(b, { app: 'web', version: '2.0.0' });
    send(b, a);
    expect(a.backends.get('web')).toMatchObject({ version: '2.0.0', routing });
    a.setBackend('web', { ...blue, version: '3.0.0', routing });
    a.commit();
    expect(a.history({ limit: 1 })[0]).toMatchObject({ from: { version: '2.0.0', routing }, to: { version: '3.0.0' } });
  });

  it('that were removed do not come back by such a change, or by a new value of that name', () => {
    const [a, b] = [newCatalog(), newCatalog()];
    a.setBackend('web', { ...blue, routing });
    a.commit();
    a.setBackend('web', blue);
    a.setFrontend('www', { name: 'www', routing });
    a.commit();
    a.setFrontend('www', undefined);
    send(a, b);
    writeAsOlder(b, { app: 'web', version: '2.0.0' });
    writeAsOlder(b, {}, 'frontend/www');
    send(b, a);
    expect(a.backends.get('web')).not.toHaveProperty('routing');
    expect(a.frontends.get('www')).toEqual({ resource: 'Frontend', name: 'www' });
  });

  it('are of the value that wins, and the one that loses shows its own', () => {
    const [a, b] = [newCatalog(), newCatalog()];
    a.setBackend('web', { ...blue, routing });
    send(a, b);
    a.setBackend('web', { ...blue, version: '2.0.0' });
    b.setBackend('web', { ...blue, version: '3.0.0', routing: { scheme: 'h2c' } });
    send(a, b);
    send(b, a);
    expect(a.backends).toEqual(b.backends);
    const said = [a.backends.get('web'), ...a.conflictsOfBackend('web')];
    expect(said).toContainEqual({ resource: 'Backend', ...blue, version: '2.0.0' });
    expect(said).toContainEqual({ resource: 'Backend', ...blue, version: '3.0.0', routing: { scheme: 'h2c' } });
  });

  it.each<[string, unknown]>([
    ['of another shape', 'x'],
    ['with a host that is none', { hosts: ['`) || Path(`/'] }],
    ['with too many hosts', { hosts: Array.from({ length: 17 }, (_, index) => `h${index}`) }],
    ['that say nothing', {}],
  ])('by another daemon, %s, are none, and the value holds', (_, odd) => {
    const [a, b] = [newCatalog(), newCatalog()];
    writeAsOlder(b, { app: 'web', version: '1.0.0', routing: odd });
    writeAsOlder(b, odd as object, 'routing/backend/web');
    send(b, a);
    expect(a.backends.get('web')).toEqual({ resource: 'Backend', ...blue });
  });

  it('are written again when the catalog is restored', () => {
    const [a, b] = [newCatalog(), newCatalog()];
    a.setBackend('web', { ...blue, routing });
    b.restore(a);
    expect(b.backends).toEqual(a.backends);
  });

  it('leave the edit to be found by its request', () => {
    const catalog = newCatalog();
    const request = '0b5f1b3e-7b0f-4b68-9d9d-3a4c6a3b2a11';
    catalog.setBackend('web', { ...blue, routing });
    catalog.commit({ request });
    expect(catalog.editFor(request)).toMatchObject({ kind: 'backend', name: 'web', to: { routing } });
    expect(catalog.history({ limit: 10 })).toHaveLength(1);
  });
});
