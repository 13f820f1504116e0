/**
 * One Automerge version in a process of its own. The version is whichever stands beside this compiled file;
 * the code that meets it is bender's own src/crdt/document.ts.
 */

import type { Document } from '../../src/crdt/document.js';
import { timed } from './report.js';
import { copy, fill, newDocument, Traffic } from './shapes.js';

export type Task =
  /** Sets up a document of so many keys and a replica of it. */
  | { do: 'build'; keys: number }
  /** Local: put and commit. */
  | { do: 'put'; keys: number; ops: number }
  /** A change from elsewhere: applied, and its differences read. */
  | { do: 'merge'; keys: number; ops: number }
  /** A replica that starts with nothing, of a document with so many changes of one key each. */
  | { do: 'first'; changes: number }
  /** What so many transitions of 1,000 keys leave behind. */
  | { do: 'history'; changes: number };

/** ms that repeating one task may take in one round. */
const patience = 300;
const repetitions = 50;

const built = new Map<number, { own: Document; replica: Document; traffic: Traffic }>();
const written = new Map<number, Document>();

function build(keys: number): number {
  const [own, replica] = [newDocument(), newDocument()];
  return timed(() => {
    fill(own, 0, keys, 100);
    copy(own, replica);
    built.set(keys, { own, replica, traffic: new Traffic(own, keys) });
  });
}

function repeat(once: () => number): number[] {
  const until = Date.now() + patience;
  const times: number[] = [];
  while (times.length < repetitions && (times.length < 2 || Date.now() < until)) times.push(once());
  return times;
}

function put(keys: number, ops: number): number[] {
  const { own, replica, traffic } = built.get(keys)!;
  const times = repeat(() => timed(() => traffic.change(ops)));
  copy(own, replica);
  return times;
}

function merge(keys: number, ops: number): number[] {
  const { own, replica, traffic } = built.get(keys)!;
  return repeat(() => {
    const before = own.heads;
    traffic.change(ops);
    const changes = own.changesSince(before);
    let touched = 0;
    const time = timed(() => (touched = replica.merge(changes).length));
    // Two transitions of one key in one change cancel out: less than `ops` is right, nothing is not.
    if (touched === 0 || touched > ops) throw new Error(`${touched} differences after ${ops} operations`);
    return time;
  });
}

function first(changes: number): number[] {
  let source = written.get(changes);
  if (!source) {
    source = newDocument();
    fill(source, 0, changes, 1);
    written.set(changes, source);
  }
  const replica = newDocument();
  const time = timed(() => copy(source, replica));
  if (replica.heads.join() !== source.heads.join()) throw new Error('the copy is not equal');
  replica.free();
  return [time];
}

/** Bytes of RSS, and µs. */
function history(changes: number): number[] {
  const document = newDocument();
  fill(document, 0, 1000, 100);
  const traffic = new Traffic(document, 1000);
  for (let change = 0; change < 1000; change++) traffic.change(1);
  global.gc?.();
  const before = process.memoryUsage.rss();
  const time = timed(() => {
    for (let change = 0; change < changes; change++) traffic.change(1);
  });
  global.gc?.();
  return [process.memoryUsage.rss() - before, time];
}

function run(task: Task): number[] {
  switch (task.do) {
    case 'build':
      return [build(task.keys)];
    case 'put':
      return put(task.keys, task.ops);
    case 'merge':
      return merge(task.keys, task.ops);
    case 'first':
      return first(task.changes);
    case 'history':
      return history(task.changes);
  }
}

process.on('message', (task: Task) => process.send!(run(task)));
