// Drives HAProxy's runtime socket: servers come, drain and go without a reload. Reads the changes from stdin:
//
//   bender watch --json | node runtime.js SOCKET BACKEND...
//
// A backend is one of bender and one of HAProxy, of the same name. Every change is just a reason to compare: what
// bender says now ($BENDER_SERVER, a comma-separated list as for the commands) is what HAProxy gets.
import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { text } from 'node:stream/consumers';

/** The name that `bender template` gives to `value`, by its filter `slug`. */
function slug(value) {
  if (/^[a-z0-9][a-z0-9_.-]{0,127}$/.test(value) && !/-[0-9a-f]{12}$/.test(value)) return value;
  const plain = value
    .toLowerCase()
    .replace(/[^a-z0-9_.-]/g, '-')
    .replace(/^[^a-z0-9]/, 'x');
  return `${plain.slice(0, 80)}-${createHash('sha256').update(value).digest('hex').slice(0, 12)}`;
}

const [socket, ...backends] = process.argv.slice(2);
const daemons = (process.env.BENDER_SERVER || 'http://127.0.0.1:1729').split(',');
const retryMs = 500;

/** What HAProxy answers to `command`. */
async function haproxy(command) {
  const connection = connect(socket);
  connection.end(`${command}\n`);
  return (await text(connection)).trim();
}

/** Runs `command`; throws unless the answer is empty or `expected`. */
async function order(command, expected) {
  const answer = await haproxy(command);
  if (answer !== '' && answer !== expected) throw new Error(`${command}: ${answer}`);
  console.log(command);
}

/** The servers that HAProxy has in `backend`, by name. */
async function present(backend) {
  const [, header, ...lines] = (await haproxy(`show servers state ${slug(backend)}`)).split('\n');
  if (!header?.startsWith('#')) throw new Error(`HAProxy has no backend ${backend}`);
  const columns = header.slice(2).split(' ');
  const servers = lines.map((line) => {
    const values = line.split(' ');
    return Object.fromEntries(columns.map((column, index) => [column, values[index]]));
  });
  return new Map(
    servers.map(({ srv_name, srv_addr, srv_port, srv_uweight, srv_admin_state }) => [
      srv_name,
      {
        address: addressOf({ host: srv_addr, port: srv_port }),
        weight: Number(srv_uweight),
        inMaintenance: (Number(srv_admin_state) & 1) !== 0,
      },
    ]),
  );
}

const addressOf = ({ host, port }) => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`);

/** The registrations at `path`, by the names of their servers; undefined if no daemon knows. */
async function registrationsAt(path) {
  for (const daemon of daemons) {
    try {
      const response = await fetch(`${daemon}${path}`, {
        signal: AbortSignal.timeout(2000),
      });
      const isDoubtful = response.headers.has('x-bender-warming') || response.headers.has('x-bender-stale');
      if (!response.ok || isDoubtful) continue;
      return new Map((await response.json()).map((one) => [slug(one.id), one]));
    } catch {
      // The next one, then.
    }
  }
  return undefined;
}

/** Makes HAProxy's servers those that bender wants; returns whether some could not be removed yet. */
async function reconcile(backend) {
  const servers = await present(backend);
  const registrations = await registrationsAt(`/backends/${encodeURIComponent(backend)}/registrations`);
  // A registry that has lost everything is no reason to drop requests. But no caller is sent to an address that
  // another registration has.
  if (registrations === undefined || (registrations.size === 0 && servers.size > 0)) {
    const online = (await registrationsAt('/registrations')) ?? new Map();
    const owners = new Map([...online].map(([name, one]) => [addressOf(one), name]));
    const kept = [...servers].filter(([name, { address }]) => (owners.get(address) ?? name) === name);
    console.error(`${backend}: bender names no server; keeping ${kept.length}`);
    return remove(backend, servers, new Map(kept));
  }
  for (const [name, { host, port, weight = 1 }] of registrations) {
    const server = servers.get(name);
    const path = `${slug(backend)}/${name}`;
    if (!server) {
      const address = addressOf({ host, port });
      const checks = 'check inter 500ms fall 2 rise 1';
      await order(`add server ${path} ${address} weight ${weight} ${checks}`, 'New server registered.');
      await order(`enable health ${path}`);
      await order(`enable server ${path}`);
      continue;
    }
    if (server.weight !== weight) await order(`set server ${path} weight ${weight}`);
    if (server.inMaintenance) await order(`set server ${path} state ready`);
  }
  return remove(backend, servers, registrations);
}

/** Removes the servers that are not to be kept; answers whether some could not be removed yet. */
async function remove(backend, servers, kept) {
  let isLeft = false;
  for (const [name, { inMaintenance }] of servers) {
    if (kept.has(name)) continue;
    const path = `${slug(backend)}/${name}`;
    // In maintenance it gets no new requests, and ends those that it has; then it can be deleted.
    if (!inMaintenance) await order(`set server ${path} state maint`);
    await order(`del server ${path}`, 'Server deleted.').catch(() => (isLeft = true));
  }
  return isLeft;
}

/** Compares as long as there is a reason to. */
let changes = 0;
let isRunning = false;
async function run() {
  if (isRunning) return;
  isRunning = true;
  for (let seen = -1, again = false; again || seen !== changes;) {
    if (again && seen === changes) await sleep(retryMs);
    seen = changes;
    again = false;
    for (const backend of backends) {
      try {
        again = (await reconcile(backend)) || again;
      } catch (error) {
        console.error(error.message);
        again = true;
      }
    }
  }
  isRunning = false;
}

for await (const line of createInterface({ input: process.stdin })) {
  if (line === '') continue;
  changes++;
  void run();
}
// `bender watch` has ended: HAProxy keeps what it has.
process.exit();
