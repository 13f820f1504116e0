/** `npm run scale -- [10,50,100,200]`: what a cluster costs and how fast it is, by its size, on the virtual network. */

import { createRequire } from 'node:module';
import { encode } from 'cbor-x';
import type { Daemon } from '../../src/daemon/core/daemon.js';
import { World } from '../helpers/world.js';

const each = 50;
const settings = { ttlMs: 3_600_000, peerTimeoutMs: 2000 };

interface Row {
  daemons: number;
  join: number;
  register: [p50: number, max: number];
  heal: number;
  idleMessages: number;
  idleBytes: number;
  busyMessages: number;
  busyBytes: number;
  falseLosses: number;
  megabytes: number;
}

/** GiB of address space that all documents of the largest cluster fit into. */
const room = 3;

/**
 * Lets the memory of Automerge's WASM module grow at once, by what is taken and given back untouched. Page by page V8
 * makes a new ArrayBuffer each time and collects garbage for it, which is most of the time that two hundred daemons in
 * one process take.
 */
function makeRoom(): void {
  const entry = new URL(import.meta.resolve('@automerge/automerge'));
  const bindings = new URL('../wasm_bindgen_output/nodejs/automerge_wasm.cjs', entry);
  const { __wasm: wasm } = createRequire(import.meta.url)(bindings.pathname) as {
    __wasm: {
      __wbindgen_malloc(bytes: number, align: number): number;
      __wbindgen_free(at: number, bytes: number, align: number): void;
    };
  };
  const blocks = Array.from({ length: room }, () => wasm.__wbindgen_malloc(2 ** 30, 1));
  for (const block of blocks) wasm.__wbindgen_free(block, 2 ** 30, 1);
}

const median = (values: number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

async function measure(size: number): Promise<Row> {
  const world = new World(1, { delay: [0.2, 1] });
  const daemons: Daemon[] = [];
  let suspicions = 0;
  for (let index = 0; index < size; index++) {
    const peers = index === 0 ? [] : [daemons[Math.floor(world.random() * index)]!.settings.url];
    const daemon = await world.complete(world.start(`d${index}`, { ...settings, peers }));
    daemon.events.subscribe(({ event }) => {
      if (event.type === 'daemon-offline') suspicions++;
    });
    for (let port = 1; port <= each; port++)
      daemon.register(
        { app: `app${port % 10}`, version: '1.0.0', host: `10.0.${index >> 8}.${index & 255}`, port },
        {},
      );
    daemons.push(daemon);
  }
  const full = (count: number) => () => daemons.every((daemon) => daemon.view.online.size === count);
  const total = size * (each + 1);
  await world.until(full(total), 120_000);
  await world.advance(3000);

  const bytes = async (ms: number): Promise<[number, number]> => {
    let sent = 0;
    const before = world.messages;
    world.onMessage = (_from, _to, frame) => (sent += encode(frame).length);
    await world.advance(ms);
    world.onMessage = undefined;
    return [((world.messages - before) * 1000) / ms / size, (sent * 1000) / ms / size];
  };
  const [idleMessages, idleBytes] = await bytes(2000);

  const registers: number[] = [];
  for (let turn = 0; turn < 10; turn++) {
    daemons[Math.floor(world.random() * size)]!.register(
      { app: 'new', version: '1.0.0', host: '10.1.0.1', port: 1 + turn },
      {},
    );
    const begun = world.time;
    while (!full(total + turn + 1)() && world.time - begun < 5000) await world.advance(1);
    registers.push(world.time - begun);
  }

  const busy = (async () => {
    for (let turn = 0; turn < 20; turn++) {
      daemons[Math.floor(world.random() * size)]!.register(
        { app: 'busy', version: '1.0.0', host: '10.2.0.1', port: 1 + turn },
        {},
      );
      await new Promise<void>((resolve) => void world.after(100, resolve));
    }
  })();
  const [busyMessages, busyBytes] = await bytes(2000);
  await busy;

  const names = daemons.map(({ settings: { name } }) => name);
  // Those of the partition are none of its business.
  const falseLosses = suspicions;
  world.partition(names.slice(0, size >> 1), names.slice(size >> 1));
  await world.advance(8000);
  world.heal();
  const heal = await world.until(full(total + 30), 30_000);

  const begun = world.time;
  const late = await world.complete(world.start('late', { ...settings, peers: [daemons[0]!.settings.url] }));
  await world.until(() => late.view.online.size === total + 31, 30_000);
  return {
    daemons: size,
    join: world.time - begun,
    register: [median(registers), Math.max(...registers)],
    heal,
    idleMessages,
    idleBytes,
    busyMessages,
    busyBytes,
    falseLosses,
    megabytes: process.memoryUsage().rss / 1e6,
  };
}

makeRoom();
const rows: Row[] = [];
for (const size of (process.argv[2] ?? '10,50').split(',').map(Number)) {
  const begun = performance.now();
  const row = await measure(size);
  rows.push(row);
  process.stderr.write(
    `${size} daemons in ${((performance.now() - begun) / 1000).toFixed(0)} s, ${row.megabytes.toFixed(0)} MB for all\n`,
  );
}
const line = (cells: (string | number)[]): string => `| ${cells.join(' | ')} |\n`;
process.stdout.write(
  line([
    'daemons',
    'join',
    'register p50 / max',
    'heal',
    'idle msg/s',
    'idle KB/s',
    'msg/s at 10/s',
    'KB/s at 10/s',
    'false losses',
  ]) +
    line(Array<string>(9).fill('---:')) +
    rows
      .map((row) =>
        line([
          row.daemons,
          `${row.join.toFixed(0)} ms`,
          `${row.register[0].toFixed(0)} / ${row.register[1].toFixed(0)} ms`,
          `${row.heal.toFixed(0)} ms`,
          row.idleMessages.toFixed(0),
          (row.idleBytes / 1000).toFixed(1),
          row.busyMessages.toFixed(0),
          (row.busyBytes / 1000).toFixed(1),
          row.falseLosses,
        ]),
      )
      .join(''),
);
