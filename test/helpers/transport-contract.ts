/** What every transport owes the core (see `Transport`), whether it is the real one or that of the simulated world. */

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Frame, protocolVersion } from '../../src/daemon/core/replication/frame.js';
import type { Transport } from '../../src/daemon/core/runtime.js';
import { BenderError } from '../../src/model/errors.js';
import { asRunId } from './samples.js';

/** A transport, a peer to reach by it, and what is between the two. */
export interface TransportStage {
  transport: Transport;
  /** Where the peer is. */
  url: string;
  /** What the peer does with each frame that reaches it. */
  receive: (frame: Frame) => Frame | Promise<Frame>;
  /** What the peer answers reaches nobody, until it is to be so no longer. */
  loseAnswers(isSo: boolean): void;
  /** The process of the peer ends, with all its connections. */
  endPeer(): Promise<void>;
  /** Lets time pass until this is settled. */
  complete<T>(promise: Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** ms that an exchange may take which is to fail, and one which is not. */
const [short, long] = [100, 10_000];

/** ms that no test takes: what is to fail before must not do so because its time is over. */
const endless = 120_000;

const frameOf = (name: string, more: Partial<Frame> = {}): Frame => ({
  v: protocolVersion,
  cluster: 'test',
  from: {
    name,
    runId: asRunId('r'.repeat(16)),
    generation: 1,
    url: 'http://127.0.0.1:2',
    synced: true,
    warm: true,
  },
  ...more,
});

/** A promise that is settled from outside. */
function later<T>() {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}

export function describeTransport(name: string, build: () => Promise<TransportStage>): void {
  describe(name, () => {
    let stage: TransportStage;
    beforeEach(async () => {
      stage = await build();
      stage.receive = ({ from }) => frameOf(`answer to ${from.name}`);
    });
    afterEach(() => stage.close());

    const exchange = (text: string, timeoutMs = long, onThere?: () => void): Promise<string> =>
      stage.transport.exchange(stage.url, frameOf(text), timeoutMs, onThere).then(({ from }) => from.name);
    const failure = (promise: Promise<unknown>): Promise<unknown> =>
      stage.complete(
        promise.then(
          () => 'it was answered',
          (error: unknown) => error,
        ),
      );
    const unreachable = { code: 'UNREACHABLE' };

    it('brings the answer, bytes included', async () => {
      const changes = [['catalog', [new Uint8Array([0, 1, 255])]]] as unknown as [];
      stage.receive = (frame) => frame;
      const answer = await stage.complete(
        stage.transport.exchange(stage.url, frameOf('a', { sync: { changes } }), long),
      );
      expect(answer.from.name).toBe('a');
      const [[, [bytes]]] = answer.sync!.changes as unknown as [[string, [Uint8Array]]];
      expect([...bytes]).toEqual([0, 1, 255]);
    });

    it('brings an answer that the peer takes its time for', async () => {
      const late = later<Frame>();
      stage.receive = () => late.promise;
      const answer = exchange('a');
      late.resolve(frameOf('late'));
      expect(await stage.complete(answer)).toBe('late');
    });

    it.each([
      [
        'at once',
        (error: Error): Promise<Frame> => {
          throw error;
        },
      ],
      ['later', (error: Error): Promise<Frame> => Promise.reject(error)],
    ])('brings the error that the peer refuses with %s', async (_, refuse) => {
      stage.receive = () => refuse(new BenderError('CLUSTER_MISMATCH', 'staging is not production'));
      expect(await failure(exchange('a'))).toMatchObject({
        code: 'CLUSTER_MISMATCH',
        message: 'staging is not production',
      });
      stage.receive = () => frameOf('well');
      expect(await stage.complete(exchange('b'))).toBe('well');
    });

    it('gives up when the answer is lost, and reaches the peer again afterwards', async () => {
      let received = 0;
      stage.receive = () => frameOf(`answer ${++received}`);
      await stage.complete(exchange('a'));
      stage.loseAnswers(true);
      expect(await failure(exchange('b', short))).toMatchObject(unreachable);
      expect(received).toBe(2);
      stage.loseAnswers(false);
      expect(await stage.complete(exchange('c'))).toBe('answer 3');
    });

    it('takes a late answer for none, and not for that of the next exchange', async () => {
      const late = later<Frame>();
      const next = later<Frame>();
      stage.receive = ({ from }) => (from.name === 'a' ? late.promise : next.promise);
      expect(await failure(exchange('a', short))).toMatchObject(unreachable);
      const second = exchange('b');
      late.resolve(frameOf('late'));
      await stage.complete(new Promise((resolve) => setImmediate(resolve)));
      next.resolve(frameOf('next'));
      expect(await stage.complete(second)).toBe('next');
    });

    it('fails what is under way when the peer ends half-way', async () => {
      const never = later<Frame>();
      const arrived = later<void>();
      stage.receive = () => (arrived.resolve(), never.promise);
      const under = failure(exchange('a', endless));
      await stage.complete(arrived.promise);
      await stage.endPeer();
      expect(await under).toMatchObject(unreachable);
    });

    it('fails when nobody is there, and says so of nobody', async () => {
      await stage.endPeer();
      let there = 0;
      expect(await failure(exchange('a', endless, () => there++))).toMatchObject({
        ...unreachable,
        message: expect.stringMatching(/refused/i),
      });
      expect(there).toBe(0);
    });

    it('says that a peer is there which does not answer', async () => {
      const never = later<Frame>();
      stage.receive = () => never.promise;
      let there = 0;
      expect(await failure(exchange('a', short, () => there++))).toMatchObject(unreachable);
      expect(there).toBe(1);
    });

    it('answers each of many with its own, from a peer that takes longer for the first', async () => {
      const names = Array.from({ length: 100 }, (_, index) => `number ${index}`);
      let waiting: (() => void)[] = [];
      stage.receive = ({ from }) =>
        new Promise((resolve) => {
          waiting.push(() => resolve(frameOf(`answer to ${from.name}`)));
          if (waiting.length > 1) return;
          setImmediate(() => {
            const answers = waiting.reverse();
            waiting = [];
            for (const answer of answers) answer();
          });
        });
      const answers = await stage.complete(Promise.all(names.map((text) => exchange(text))));
      expect(answers).toEqual(names.map((text) => `answer to ${text}`));
    });
  });
}
