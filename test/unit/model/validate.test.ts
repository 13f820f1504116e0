import { describe, expect, it } from '@jest/globals';
import { check } from '../../../src/model/validate.js';

/** `value`, and how often something in it was read. */
function counted<T extends object>(value: T): { value: T; reads: () => number } {
  let reads = 0;
  const get = (target: T, key: string | symbol): unknown => {
    if (key !== 'length') reads++;
    return Reflect.get(target, key);
  };
  return { value: new Proxy(value, { get }), reads: () => reads };
}

describe('what is too much is refused before all of it is looked at', () => {
  it('ids to renew', () => {
    const ids = counted(Array.from({ length: 20_000 }, () => 1));
    expect(() => check('renewals', { ids: ids.value })).toThrow("'ids' must have at most 10000 entries");
    expect(ids.reads()).toBeLessThan(100);
  });

  it('ids that are none', () => {
    const ids = counted(Array.from({ length: 9000 }, () => 1));
    expect(() => check('renewals', { ids: ids.value })).toThrow(
      "'ids.0' must be a registration id, or an object with one, not 1",
    );
    expect(ids.reads()).toBeLessThan(100);
  });

  it('versions in a split', () => {
    const split = counted(Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`v${index}`, 1])));
    expect(() => check('backend', { name: 'web', app: 'web', split: split.value })).toThrow(
      "'split' must have up to 16 versions, and a weight above 0",
    );
    expect(split.reads()).toBeLessThan(100);
  });

  it('hosts in routing facts', () => {
    const hosts = counted(Array.from({ length: 20_000 }, () => 'h'));
    expect(() => check('frontendChange', { routing: { hosts: hosts.value } })).toThrow(
      "'routing.hosts' must have from 1 to 16 hosts, not 20,000 of them",
    );
    expect(hosts.reads()).toBeLessThan(100);
  });
});

describe('routing facts', () => {
  const frontend = (routing: unknown) => check('frontend', { name: 'www', routing });

  it('are kept in one spelling and order, each thing once', () => {
    const { routing } = frontend({ middlewares: ['auth@file'], scheme: 'h2c', hosts: ['WWW.Example.com.', 'a', 'a'] });
    expect(JSON.stringify(routing)).toBe(
      '{"hosts":["www.example.com","a"],"scheme":"h2c","middlewares":["auth@file"]}',
    );
  });

  it.each<[unknown, string]>([
    ['x', '\'routing\' must be an object with hosts, pathPrefix, scheme, entryPoints, middlewares, not "x"'],
    [{}, "'routing' must say something; null removes it, not {}"],
    [null, "'routing' must be an object with hosts, pathPrefix, scheme, entryPoints, middlewares, not null"],
    [{ host: ['a'] }, "unknown field 'routing.host'"],
    [{ hosts: 'a' }, '\'routing.hosts\' must be a list of hosts, not "a"'],
    [{ hosts: [] }, "'routing.hosts' must have from 1 to 16 hosts, not []"],
    [{ hosts: ['a', '`'] }, '\'routing.hosts.1\' must be a host name or an IP address, not "`"'],
    [{ hosts: ['0.0.0.0'] }, '\'routing.hosts.0\' must be a host name or an IP address, not "0.0.0.0"'],
    [{ pathPrefix: 'shop' }, "'routing.pathPrefix' must begin with a slash"],
    [{ pathPrefix: '/`' }, "'routing.pathPrefix' must begin with a slash"],
    [{ pathPrefix: `/${'a'.repeat(256)}` }, "'routing.pathPrefix' must have at most 256 characters"],
    [{ scheme: 'ftp' }, '\'routing.scheme\' must be one of http, https, h2c, not "ftp"'],
    [{ entryPoints: ['-'] }, "'routing.entryPoints.0' must begin with a letter or digit"],
    [{ middlewares: ['a b'] }, "'routing.middlewares.0' must begin with a letter or digit"],
  ])('%j: %s', (routing, message) => {
    expect(() => frontend(routing)).toThrow(message);
  });

  it('may be removed by a change', () => {
    expect(check('backendChange', { routing: null })).toEqual({ routing: null });
  });
});

describe('a check', () => {
  const given = (probe: unknown) => check('options', { check: probe });

  it.each([
    { http: '/healthz' },
    { https: '/healthz?full=1', skipVerify: true },
    { tcp: true, interval: 1000, timeout: 1000, fails: 1, passes: 10, deregisterAfter: 60_000 },
    null,
  ])('may be %j', (probe) => {
    expect(given(probe)).toEqual({ check: probe });
  });

  it.each([
    [{}, "one of 'http', 'https' and 'tcp'"],
    [{ http: '/', tcp: true }, "one of 'http', 'https' and 'tcp'"],
    [{ http: '/', skipVerify: true }, "'skipVerify' goes with 'https'"],
    [{ tcp: false }, "'check.tcp' must be true"],
    [{ http: 'healthz' }, "'check.http' must be a path that begins with '/'"],
    [{ http: 'http://169.254.169.254/' }, "'check.http' must be a path"],
    [{ http: '/\r\nHost: other' }, "'check.http' must be a path"],
    [{ http: '/a b' }, "'check.http' must be a path"],
    [{ http: '/#a' }, "'check.http' must be a path"],
    [{ http: `/${'a'.repeat(256)}` }, 'at most 256 characters'],
    [{ http: '/', host: '10.0.0.9' }, "unknown field 'check.host'"],
    [{ tcp: true, interval: 999 }, "'check.interval' must be from 1000 to 600000 ms"],
    [{ tcp: true, interval: 1000, timeout: 1001 }, "'timeout' of at most its 'interval'"],
    [{ tcp: true, fails: 0 }, "'check.fails' must be from 1 to 10"],
    [{ tcp: true, deregisterAfter: 0 }, "'check.deregisterAfter' must be from 1000"],
    ['tcp', "'check' must be an object or null"],
  ])('must not be %j', (probe, message) => {
    expect(() => given(probe)).toThrow(message);
  });
});
