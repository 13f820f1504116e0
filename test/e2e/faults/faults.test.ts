import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Cluster, ttl } from './cluster.js';
import { whyNoFakeTime } from './fake-time.js';
import { now } from './history.js';
import { announcements, departures, losses } from './measures.js';
import type { Member } from './member.js';
import { whyNoNetwork } from './network.js';

const seed = Number(process.env.BENDER_FAULTS_SEED ?? Math.floor(Math.random() * 1e6));
const reason = whyNoNetwork();
const say = (line: string): void => void process.stderr.write(`${line}\n`);
if (reason) say(`faults on real networks are skipped: ${reason}`);
else say(`faults on real networks: BENDER_FAULTS_SEED=${seed}`);
if (!reason && whyNoFakeTime) say(`wrong wall clocks are skipped: ${whyNoFakeTime}`);

/** ms within which all views are equal after a fault on this, possibly busy, machine. 2 s on an idle one. */
const convergenceBound = 5000;

const services = 100;
let cluster: Cluster;

/** A fault, and then the checker's word on what everybody said meanwhile. */
function fault(name: string, befall: () => Promise<unknown>, test: typeof it.skip = it): void {
  test(name, async () => {
    const begun = now();
    cluster.history.note(name);
    try {
      await befall();
      await cluster.settled();
      await cluster.judge(begun);
    } catch (error) {
      await cluster.recover();
      throw error;
    }
  });
}

/** Heals, and measures how long the daemons then disagree. */
async function healAndConverge(what: string): Promise<void> {
  cluster.heal();
  const healed = now();
  // A service that is silent for longer than its TTL has been forgotten; new registrations are no disagreement.
  await cluster.wait(1500);
  await cluster.settled();
  const times = cluster.measureConvergence(`views equal after ${what}`, healed);
  expect(Math.max(0, ...times)).toBeLessThan(convergenceBound);
}

const others = (member: Member): Member[] => cluster.members.filter((other) => other !== member);

// Needs root, network namespaces, nft and libfaketime; it says what is missing, and .ci/run installs it.
(reason ? describe.skip : describe)('five daemons and a hundred services on a real network', () => {
  beforeAll(async () => {
    cluster = new Cluster(seed);
    await cluster.start(services);
  }, 180_000);
  afterAll(async () => {
    if (!cluster) return;
    await cluster.remove();
    say(String(cluster.measures));
  });

  fault('see each instance come, go in silence after its TTL, and go at once when deleted', async () => {
    const { history, stories, measures } = cluster;
    const came = Array.from({ length: 10 }, () => cluster.startService());
    await cluster.settled();
    for (const id of came)
      measures.add('online at a daemon after sending a registration', ...announcements(history, stories, id));
    const silent = Array.from({ length: 5 }, () => cluster.endService('silence'));
    const deleted = Array.from({ length: 5 }, () => cluster.endService('delete'));
    await cluster.settled();
    for (const id of silent)
      measures.add('offline at a daemon after sending the last renewal, TTL 4000', ...departures(history, stories, id));
    for (const id of deleted)
      measures.add('offline at a daemon after sending a delete', ...departures(history, stories, id));
    await cluster.wait(6000);
  });

  fault('lose no service that renews elsewhere when a daemon is killed, and take it back', async () => {
    const victim = cluster.pick(cluster.members);
    const killed = now();
    await cluster.end(victim, 'SIGKILL');
    cluster.endService('silence');
    cluster.endService('delete');
    await cluster.wait(2 * ttl);
    cluster.measures.add('daemon-offline after SIGKILL', ...losses(cluster.history, victim.name, killed));
    await cluster.boot(victim);
  });

  fault('do not notice a daemon that is killed and at once started again', () =>
    cluster.restart(cluster.pick(cluster.members), 'SIGKILL', { awayMs: 0 }),
  );

  fault('lose no service that renews elsewhere while a daemon hangs for longer than the TTL', async () => {
    await cluster.pause(cluster.pick(cluster.members), 1.5 * ttl);
    const resumed = now();
    await cluster.wait(1500);
    await cluster.settled();
    cluster.measureConvergence('views equal after SIGCONT', resumed);
  });

  fault('do not notice a daemon that is stopped and started again', async () => {
    const victim = cluster.pick(cluster.members);
    expect(await cluster.end(victim, 'SIGTERM')).toBe(0);
    cluster.endService('delete');
    await cluster.wait(1000);
    await cluster.boot(victim);
  });

  fault('do not notice that all daemons are restarted, one after the other', async () => {
    for (const member of cluster.shuffled()) {
      expect(await cluster.end(member, 'SIGTERM')).toBe(0);
      await cluster.boot(member);
      await cluster.wait(500);
    }
  });

  fault('agree after a partition into 3 and 2, each side true to the services that renew there', async () => {
    const [a, b, ...rest] = cluster.shuffled() as [Member, Member, ...Member[]];
    cluster.partition(rest, [a, b]);
    cluster.endService('silence');
    cluster.endService('delete');
    for (let index = 0; index < 5; index++) cluster.startService();
    await cluster.wait(2.5 * ttl);
    await healAndConverge('a partition 3+2');
  });

  fault('agree after a partition into 4 and 1, each side true to the services that renew there', async () => {
    const [a, ...rest] = cluster.shuffled() as [Member, ...Member[]];
    cluster.partition(rest, [a]);
    cluster.endService('silence');
    cluster.endService('delete');
    await cluster.wait(2.5 * ttl);
    await healAndConverge('a partition 4+1');
  });

  fault('do not notice that two daemons cannot reach each other but through the rest', async () => {
    const [a, b] = cluster.shuffled() as [Member, Member];
    cluster.cut([
      [a, b],
      [b, a],
    ]);
    cluster.startService();
    cluster.endService('delete');
    await cluster.wait(1.5 * ttl);
    await healAndConverge('a broken link');
  });

  fault('do not notice that nothing gets from one daemon to two of the others', async () => {
    const [a, b, c] = cluster.shuffled() as [Member, Member, Member];
    cluster.cut([
      [a, b],
      [a, c],
    ]);
    cluster.startService();
    cluster.endService('silence');
    await cluster.wait(1.5 * ttl);
    await healAndConverge('one-way drops');
  });

  fault('keep their promises while a daemon can speak and hears nobody', async () => {
    const deaf = cluster.pick(cluster.members);
    cluster.cut(others(deaf).map((other) => [other, deaf]));
    await cluster.wait(1.5 * ttl);
    await healAndConverge('a daemon that heard nobody');
  });

  fault('do not notice that every fifth packet is lost', async () => {
    cluster.lose(20);
    cluster.startService();
    cluster.endService('silence');
    cluster.endService('delete');
    await cluster.wait(2 * ttl);
    await healAndConverge('20 % loss');
  });

  fault('do not notice that one daemon is 200 ms away', async () => {
    cluster.delayFifth(200);
    cluster.startService();
    cluster.endService('silence');
    cluster.endService('delete');
    await cluster.wait(2 * ttl);
    cluster.delayFifth(0);
  });

  const withClocks = whyNoFakeTime ? it.skip : it;

  fault(
    'have not noticed that the clock of one of them is an hour ahead, and do not when it is killed',
    async () => {
      const ahead = cluster.members[3]!;
      await cluster.restart(ahead, 'SIGKILL', { awayMs: 500 });
      cluster.endService('silence');
    },
    withClocks,
  );

  fault(
    'do not notice that a wall clock jumps by hours, forwards and back',
    async () => {
      cluster.setClock('d3', 7200);
      await cluster.wait(3000);
      cluster.setClock('d3', -7200);
      cluster.endService('silence');
      await cluster.wait(ttl);
      cluster.setClock('d3', 0);
    },
    withClocks,
  );

  fault('do not notice a restart in the middle of a partition', async () => {
    const [a, b, c, ...rest] = cluster.shuffled() as [Member, Member, Member, ...Member[]];
    cluster.partition([c, ...rest], [a, b]);
    await cluster.wait(ttl);
    await cluster.restart(c, 'SIGKILL', { awayMs: 200 });
    await cluster.wait(ttl);
    await healAndConverge('a partition with a restart');
  });
});
