import { describe, expect, it } from '@jest/globals';
import { networkInterfaces } from 'node:os';
import {
  addressRefusal as refusalOfAddress,
  resolvedRefusal,
  targetRefusal,
} from '../../../../src/daemon/probes/targets.js';

const rules = { isOwnHostOnly: false, ownPorts: new Set([1729]) };
const addressRefusal = (host: string, isOwnHostOnly: boolean, port = 80) =>
  refusalOfAddress({ host, port }, { ...rules, isOwnHostOnly });
const hostRefusal = (host: string, isOwnHostOnly: boolean, port = 80) =>
  targetRefusal({ host, port }, { ...rules, isOwnHostOnly });

const addresses = (internal: boolean) =>
  Object.values(networkInterfaces()).flatMap((all) => (all ?? []).filter((one) => one.internal === internal));

describe('an address', () => {
  it.each([
    '169.254.169.254',
    '169.254.0.1',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '64:ff9b::169.254.169.254',
    '2002:a9fe:a9fe::1',
    'fe80::1',
    'FEBF::1',
    'fd00:ec2::254',
    'fd00:ec2::23',
    'fd20:ce::254',
    '64:ff9b:1::a9fe:a9fe',
    '::169.254.169.254',
    '::127.0.0.1',
    '100.100.100.200',
    '192.0.0.192',
    '168.63.129.16',
    '0.0.0.0',
    '::',
    '224.0.0.1',
    'ff02::1',
    '255.255.255.255',
  ])('%s is refused', (address) => {
    expect(addressRefusal(address, false)).toMatch(/probe/);
    expect(hostRefusal(address, false)).toMatch(/probe/);
  });

  it.each(['10.0.0.1', '127.0.0.1', '::1', '2001:db8::1', 'fd00::1', '169.253.0.1'])('%s is probed', (address) => {
    expect(addressRefusal(address, false)).toBeUndefined();
  });

  it('of another machine is refused with --no-remote-checks, and one of this machine is not', () => {
    expect(addressRefusal('198.51.100.7', true)).toMatch(/not on this daemon's machine/);
    for (const own of ['127.0.0.1', '127.1.2.3', '::1']) expect(addressRefusal(own, true)).toBeUndefined();
    for (const { address } of addresses(false).filter((one) => !one.address.startsWith('fe80:')))
      expect(addressRefusal(address, true)).toBeUndefined();
  });
});

describe("the daemon's own port", () => {
  const own = addresses(false).find(({ family }) => family === 'IPv4')!.address;

  it.each(['127.0.0.1', '127.9.9.9', '::1', own])('is refused at %s', (host) => {
    expect(hostRefusal(host, false, 1729)).toMatch(/this daemon itself/);
    expect(hostRefusal(host, false, 1730)).toBeUndefined();
  });

  it('is refused by a name', () => {
    expect(hostRefusal('localhost', false, 1729)).toMatch(/this daemon itself/);
    expect(resolvedRefusal('web.example', { host: own, port: 1729 }, rules)).toMatch(/this daemon itself/);
  });

  it('is a port like others on another machine', () => {
    expect(hostRefusal('198.51.100.7', false, 1729)).toBeUndefined();
  });
});

describe('a name', () => {
  it.each(['127.0.0.1', '::1', '::ffff:127.0.0.1'])('that stands for %s is refused, unless it is localhost', (host) => {
    expect(resolvedRefusal('web.example', { host, port: 80 }, rules)).toMatch(/loopback/);
    expect(resolvedRefusal('localhost', { host, port: 80 }, rules)).toBeUndefined();
  });

  it('is looked up when it is probed, so it is accepted before', () => {
    expect(hostRefusal('web-1.example.com', false)).toBeUndefined();
    expect(hostRefusal('metadata.google.internal', false)).toBeUndefined();
  });

  it('is refused with --no-remote-checks, except for localhost', () => {
    expect(hostRefusal('web-1.example.com', true)).toMatch(/--no-remote-checks/);
    expect(hostRefusal('localhost', true)).toBeUndefined();
  });

  it('that a resolver reads as an address, or that is none, is refused', () => {
    expect(hostRefusal('2852039166', false)).toMatch(/no host/);
    expect(hostRefusal('0xa9fea9fe', false)).toMatch(/no host/);
    expect(hostRefusal('a b', false)).toMatch(/no host/);
  });
});
