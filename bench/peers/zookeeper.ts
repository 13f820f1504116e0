/** ZooKeeper from Debian: ephemeral nodes of one session. */

import { readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Awaited } from '../helpers/awaited.js';
import { fromDebian } from '../helpers/fetch.js';
import { type ServerProcess, startServer } from '../helpers/processes.js';
import { withScratch } from './scratch.js';
import type { Side } from './side.js';
import { byClient } from './worker.js';
import { openZooKeeper } from './zookeeper-client.js';

/** What the server loads of what it depends on. Java itself is that of the system. */
const packages = [
  'libcommons-cli-java',
  'libcommons-io-java',
  'libdropwizard-metrics-java',
  'libjctools-java',
  'libnetty-java',
  'libslf4j-java',
  'libsnappy-java',
  'libzookeeper-java',
];

const startZooKeeper = (): Promise<ServerProcess> =>
  withScratch((folder) => {
    const java = fileURLToPath(new URL('usr/share/java', fromDebian('peers/zookeeper', packages)));
    // Each is there under two names; and of those that write logs, one is enough.
    const jars = readdirSync(java).filter((name) => !/-\d|^slf4j-(?!api|simple)/.test(name));
    const configuration = `${folder}/zoo.cfg`;
    const args = (port: number): string[] => {
      const settings = {
        tickTime: 2000,
        dataDir: `${folder}/data`,
        clientPort: port,
        clientPortAddress: '127.0.0.1',
        'admin.enableServer': false,
      };
      writeFileSync(
        configuration,
        Object.entries(settings)
          .map(([name, value]) => `${name}=${value}\n`)
          .join(''),
      );
      const main = 'org.apache.zookeeper.server.quorum.QuorumPeerMain';
      return [
        '-Dorg.slf4j.simpleLogger.logFile=System.out',
        '-cp',
        jars.map((jar) => `${java}/${jar}`).join(':'),
        main,
        configuration,
      ];
    };
    // Whoever connects before this has been started may wait in vain.
    return startServer('java', args, { says: 'PrepRequestProcessor (sid:0) started' });
  });

export const zooKeeper: Side = {
  name: 'ZooKeeper, one session',
  start: async () => byClient('zookeeper', await startZooKeeper()),
  watched: async () => {
    const server = await startZooKeeper();
    const [client, watcher] = [await openZooKeeper(server.port), await openZooKeeper(server.port)];
    const events = new Awaited();
    await watcher.watch(events);
    return {
      prepare: async (from, to) => {
        await client.prepare(from, to);
        await watcher.prepare(from, to);
      },
      register: (index) => client.register(index),
      next: (type, id) => events.next(type, id),
      stop: async () => {
        client.close();
        watcher.close();
        await server.stop();
      },
    };
  },
};
