/** Daemons over mutual TLS: each goes by the name in its certificate, and by no other. */

import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { once } from 'node:events';
import { connect } from 'node:tls';
import { type Frame, protocolVersion } from '../../../../src/daemon/core/replication/frame.js';
import { StreamTransport } from '../../../../src/daemon/peer/stream-transport.js';
import { listenerOptions } from '../../../../src/daemon/tls/listener.js';
import type { Material } from '../../../../src/daemon/tls/material.js';
import { ApiServer } from '../../../helpers/api-server.js';
import { TestAuthority } from '../../../helpers/authority.js';
import { TestSource, testToken } from '../../../helpers/tokens.js';

let authority: TestAuthority;
let other: TestAuthority;
let server: ApiServer;
const transports: StreamTransport[] = [];
const peerToken = testToken({ role: 'peer' });

beforeAll(async () => {
  [authority, other] = await Promise.all([TestAuthority.make(), TestAuthority.make()]);
  const tokens = new TestSource([peerToken]);
  server = await ApiServer.start(
    { mutual: true, tokens },
    listenerOptions(await authority.materialOf('one'), 'request'),
  );
  jest.spyOn(server.daemon, 'receive').mockImplementation(() => frameOf('one'));
});
afterEach(() => {
  for (const transport of transports.splice(0)) transport.close();
});
afterAll(() => server.stop());

const frameOf = (name: string): Frame =>
  ({
    v: protocolVersion,
    cluster: 'test',
    from: { name, runId: 'r', generation: 1, url: 'https://127.0.0.1:2', synced: true, warm: true },
  }) as Frame;

/** Says something as `name`, with a certificate, a key and a CA. */
function say(name: string, material: Material | undefined, url = server.url): Promise<Frame> {
  const transport = new StreamTransport({ token: () => peerToken.token, tls: material && (() => material) });
  transports.push(transport);
  return transport.exchange(url, frameOf(name), 10_000);
}

/** What is shown beside the right CA. */
const showing = async (shown: { certificate: string; key: string }): Promise<Material> => ({
  ...(await authority.materialOf('two')),
  cert: shown.certificate,
  key: shown.key,
});

describe('/peer', () => {
  it('takes a daemon with a certificate of the CA, without a token', async () => {
    await expect(say('two', await authority.materialOf('two'))).resolves.toMatchObject({ from: { name: 'one' } });
  });

  it('takes no other name from it, and says so once', async () => {
    const two = await authority.materialOf('two');
    const refusal = {
      code: 'CERTIFICATE_NAME',
      message: "the certificate is for the daemon 'two', and not for 'three'",
    };
    await expect(say('three', two)).rejects.toMatchObject(refusal);
    await expect(say('three', two)).rejects.toMatchObject(refusal);
    const told = server.logged.filter(({ message }) => message === 'refused a peer for its certificate');
    expect(told.filter(({ fields }) => (fields as { reason: string }).reason === refusal.message)).toHaveLength(1);
  });

  it.each([
    ['of another CA', () => other.forDaemon('two'), 'CERTIFICATE_INVALID'],
    ['that has expired', () => authority.forDaemon('two', 1, Date.now() - 2 * 86_400_000), 'CERTIFICATE_INVALID'],
    ['of a caller', () => authority.forClient('two'), 'CERTIFICATE_NAME'],
  ])('refuses a certificate %s, whatever the token', async (_, issued, code) => {
    await expect(say('two', await showing(await issued()))).rejects.toMatchObject({ code });
  });

  it('lets no connection change the certificate that it has shown', async () => {
    const { ca, cert, key } = await authority.materialOf('two');
    const socket = connect({ port: Number(new URL(server.url).port), ca, cert, key, maxVersion: 'TLSv1.2' });
    await once(socket, 'secureConnect');
    const refused = await new Promise<Error | null>((resolve) => {
      socket.on('error', resolve).on('close', () => resolve(new Error('closed')));
      socket.renegotiate({}, resolve);
    });
    expect(refused?.message).toMatch(/renegotiation|closed/i);
    socket.destroy();
  });

  it('refuses a daemon without a certificate, whatever the token', async () => {
    const { ca } = await authority.materialOf('two');
    const bare = { ca, cert: undefined, key: undefined } as unknown as Material;
    await expect(say('two', bare)).rejects.toMatchObject({ code: 'CERTIFICATE_MISSING' });
  });
});

describe('a daemon that calls', () => {
  it('says nothing to what is not of its CA, or not called by https', async () => {
    const receive = jest.spyOn(server.daemon, 'receive').mockClear();
    await expect(say('two', await other.materialOf('two'))).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringMatching(/certificate/),
    });
    await expect(
      say('two', await authority.materialOf('two'), server.url.replace('https', 'http')),
    ).rejects.toMatchObject({ code: 'CERTIFICATE_MISSING' });
    expect(receive).not.toHaveBeenCalled();
  });

  it('takes no answer in another name than that in the certificate', async () => {
    jest.spyOn(server.daemon, 'receive').mockImplementationOnce(() => frameOf('four'));
    await expect(say('two', await authority.materialOf('two'))).rejects.toMatchObject({
      code: 'CERTIFICATE_NAME',
      message: "the certificate is for the daemon 'one', and not for 'four'",
    });
  });
});
