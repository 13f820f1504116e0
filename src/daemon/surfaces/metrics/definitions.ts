/**
 * The metrics of a daemon. Names and labels are promises: the rules and the dashboard in packaging/ use them. Units are
 * seconds and bytes, as Prometheus has it (https://prometheus.io/docs/practices/naming/).
 */

import {
  collectDefaultMetrics,
  Counter,
  Gauge,
  type Registry as Collector,
  type RegistryContentType,
} from 'prom-client';
import type { DaemonState, Status } from '../../../model/daemon.js';
import type { Registry } from '../../core/registry.js';
import type { Vitals } from '../surface.js';
import { availabilities, largestGroups, type Value } from './registrations.js';

/** Values that are read when they are asked for. */
type Read = (status: Status) => readonly Value[] | Promise<readonly Value[]>;

export function defineMetrics(
  register: Collector<RegistryContentType>,
  registry: Registry,
  { status, traffic, counts }: Vitals,
): void {
  const { tally } = registry;
  // All metrics of one scrape are of one status.
  let asked: Promise<Status> | undefined;
  const once = (): Promise<Status> => {
    asked ??= status().finally(() => setImmediate(() => (asked = undefined)));
    return asked;
  };
  const defined =
    (Metric: typeof Gauge | typeof Counter) =>
    (name: string, help: string, read: Read, ...labelNames: string[]): void => {
      const metric = new Metric({
        ...{ name, help, registers: [register], labelNames },
        async collect() {
          const values = await read(await once());
          metric.reset();
          for (const [labels, value] of values) metric.inc(labels, value);
        },
      });
    };
  const [gauge, counter] = [defined(Gauge), defined(Counter)];

  collectDefaultMetrics({ register });

  gauge(
    'bender_info',
    'Always 1; its labels say what this daemon is.',
    ({ name, version, cluster }) => [[{ daemon: name, version, cluster }, 1]],
    'daemon',
    'version',
    'cluster',
  );
  gauge('bender_ready', 'Whether /readyz answers 200.', ({ ready }) => one(Number(ready)));
  gauge('bender_isolated', 'Whether it considers itself cut off and serves its last view.', ({ stale }) =>
    one(Number(stale)),
  );
  gauge('bender_overloaded', 'Whether it refuses everything but renewals.', ({ load }) =>
    one(Number(load?.overloaded ?? false)),
  );

  gauge(
    'bender_registrations',
    'Registrations that are online, by app and version: the largest 1,000, and all others in one without labels.',
    () => largestGroups(registry),
    ...['app', 'version'],
  );
  gauge('bender_leases', 'Registrations that this daemon holds.', ({ counts: { held } }) => one(held));
  counter('bender_renewals_total', 'Renewals that this daemon acknowledged.', () => one(tally.renewals));
  counter(
    'bender_registration_changes_total',
    'Changes of registrations in the view of this daemon; why they went offline.',
    () => [
      [{ type: 'online' }, tally.changes.online],
      [{ type: 'updated' }, tally.changes.updated],
      ...Object.entries(tally.offline).map(([reason, count]): Value => [{ type: 'offline', reason }, count]),
    ],
    ...['type', 'reason'],
  );

  gauge('bender_backends', 'Backends in the catalog.', ({ counts: { backends } }) => one(backends));
  gauge('bender_frontends', 'Frontends in the catalog.', ({ counts: { frontends } }) => one(frontends));
  gauge(
    'bender_backend_available',
    'Instances that can serve a backend: online and not draining; of a split, those of the version with the fewest.',
    () => availabilities(registry, 'backend'),
    'backend',
  );
  gauge(
    'bender_frontend_available',
    'The same for the backend that a frontend serves.',
    () => availabilities(registry, 'frontend'),
    'frontend',
  );
  gauge('bender_catalog_bytes', 'Bytes of the catalog with its history.', ({ catalogBytes }) => one(catalogBytes));
  gauge('bender_holdings_epoch', 'How often the document of its holdings was begun anew.', ({ epoch = 0 }) =>
    one(epoch),
  );

  gauge('bender_daemons', 'Daemons that it knows, itself included, by state.', () => daemonStates(registry), 'state');
  gauge(
    'bender_peer_round_trip_seconds',
    'What the last exchange with a daemon took.',
    () =>
      registry
        .daemons()
        .flatMap(({ name, roundTrip }) =>
          roundTrip === undefined ? [] : [[{ peer: name }, roundTrip / 1000] as const],
        ),
    'peer',
  );
  counter(
    'bender_peer_exchanges_total',
    'Frames to peers: answered, or refused and not answered in time.',
    () => [
      [{ result: 'answered' }, traffic.exchanges],
      [{ result: 'failed' }, traffic.failures],
    ],
    'result',
  );
  counter('bender_peer_exchange_seconds_total', 'What the answered exchanges took, in all.', () =>
    one(traffic.exchangesMs / 1000),
  );
  counter(
    'bender_peer_bytes_total',
    'Bytes that passed between this daemon and its peers, without TLS.',
    () => [
      [{ direction: 'sent' }, traffic.bytesSent],
      [{ direction: 'received' }, traffic.bytesReceived],
    ],
    'direction',
  );

  gauge('bender_connections', 'Open connections of clients.', ({ load }) => one(load?.connections ?? 0));
  gauge('bender_watchers', 'Open event streams.', ({ load }) => one(load?.watchers ?? 0));
  counter(
    'bender_refused_total',
    'Requests and connections that were refused or ended, by the limit that was exceeded.',
    ({ load }) => Object.entries(load?.refused ?? {}).map(([limit, count]) => [{ limit }, count!] as const),
    'limit',
  );
  gauge('bender_open_files', 'Open file descriptors.', ({ openFiles }) => (openFiles ? one(openFiles.open) : []));
  gauge('bender_open_files_limit', 'How many there may be.', ({ openFiles }) =>
    openFiles ? one(openFiles.limit) : [],
  );
  gauge(
    'bender_tls_expires_timestamp_seconds',
    'When its certificate, or that of its CA, expires: the earlier one.',
    ({ tls }) => (tls ? one(tls.expires / 1000) : []),
  );

  counter(
    'bender_surface_answers_total',
    'Answers of the surfaces, by status of HTTP or response code of DNS.',
    () =>
      [...counts.answers].flatMap(([surface, byStatus]) =>
        [...byStatus].map(([status, count]) => [{ surface, status: String(status) }, count] as const),
      ),
    ...['surface', 'status'],
  );
  counter(
    'bender_surface_entries_left_out_total',
    'Entries that a surface could not express, each time that an answer was made.',
    () => [...counts.entriesLeftOut].map(([surface, count]) => [{ surface }, count] as const),
    'surface',
  );
}

const one = (value: number): readonly Value[] => [[{}, value]];

function daemonStates(registry: Pick<Registry, 'daemons'>): readonly Value[] {
  const byState: Record<DaemonState, number> = { online: 0, lost: 0, left: 0 };
  for (const { state } of registry.daemons()) byState[state]++;
  return Object.entries(byState).map(([state, count]) => [{ state }, count]);
}
