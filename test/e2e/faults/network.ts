/**
 * Hosts with a network of their own: a network namespace each, joined by a bridge that has a namespace, too,
 * so that nothing here touches, or is touched by, the network of the machine.
 */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';

/** One namespace with one address. */
export interface Place {
  name: string;
  address: string;
  namespace: string;
}

const prefix = 'bender-faults';
const ownerOf = (namespace: string): number | undefined => {
  const [, pid] = new RegExp(`^${prefix}-(\\d+)-`).exec(namespace) ?? [];
  return pid === undefined ? undefined : Number(pid);
};

const ip = (...args: string[]): string => execFileSync('ip', args, { encoding: 'utf8', stdio: 'pipe' });

/** Why there can be no such network here, in a line; undefined where there can. */
export function whyNoNetwork(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces are a feature of Linux';
  if (process.getuid?.() !== 0) return 'making network namespaces takes root';
  const trial = `${prefix}-${process.pid}-trial`;
  try {
    ip('netns', 'add', trial);
  } catch (error) {
    return `no network namespace can be made: ${firstLine(error)}`;
  }
  try {
    ip('-n', trial, 'link', 'add', 'bridge0', 'type', 'bridge');
    execFileSync('ip', ['netns', 'exec', trial, 'nft', 'list', 'ruleset'], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return `no bridge or no nftables: ${firstLine(error)}`;
  } finally {
    ip('netns', 'delete', trial);
  }
}

const firstLine = (error: unknown): string => (error as Error).message.trim().split('\n').at(-1)!;

export class Network {
  readonly #places: Place[] = [];
  readonly #switch = `${prefix}-${process.pid}-switch`;

  constructor() {
    removeAbandoned();
    ip('netns', 'add', this.#switch);
    ip('-n', this.#switch, 'link', 'add', 'bridge0', 'type', 'bridge');
    ip('-n', this.#switch, 'link', 'set', 'bridge0', 'up');
  }

  add(name: string): Place {
    const number = this.#places.length + 1;
    const namespace = `${prefix}-${process.pid}-${name}`;
    const place = { name, namespace, address: `10.231.7.${number}` };
    const port = `port${number}`;
    ip('netns', 'add', namespace);
    this.#places.push(place);
    ip('-n', this.#switch, 'link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace);
    ip('-n', this.#switch, 'link', 'set', port, 'master', 'bridge0', 'up');
    ip('-n', namespace, 'address', 'add', `${place.address}/24`, 'dev', 'eth0');
    ip('-n', namespace, 'link', 'set', 'eth0', 'up');
    ip('-n', namespace, 'link', 'set', 'lo', 'up');
    return place;
  }

  /** What `at` does with packets that arrive: nftables statements, in the place of those before. */
  filter(at: Place, statements: readonly string[]): void {
    const rules = [
      'add table inet faults',
      'flush table inet faults',
      'add chain inet faults arriving { type filter hook input priority 0; }',
      ...statements.map((statement) => `add rule inet faults arriving ${statement}`),
    ];
    execFileSync('ip', ['netns', 'exec', at.namespace, 'nft', '-f', '-'], { input: rules.join('\n') });
  }

  /** Starts a Node program there. Its pid is the program's own. */
  spawn(at: Place, args: readonly string[], environment: NodeJS.ProcessEnv = {}): ChildProcess {
    const inherited = { ...process.env };
    for (const name of ['PORT', 'FORCE_COLOR', 'NODE_OPTIONS']) delete inherited[name];
    return spawn('ip', ['netns', 'exec', at.namespace, process.execPath, ...args], {
      env: { ...inherited, ...environment },
      stdio: 'pipe',
    });
  }

  remove(): void {
    for (const { namespace } of this.#places) ip('netns', 'delete', namespace);
    ip('netns', 'delete', this.#switch);
    this.#places.length = 0;
  }
}

/** What a run left that was killed before it could remove it. */
function removeAbandoned(): void {
  for (const line of ip('netns', 'list').split('\n')) {
    const namespace = line.split(' ')[0]!;
    const pid = ownerOf(namespace);
    if (pid !== undefined && !isRunning(pid)) ip('netns', 'delete', namespace);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
