/**
 * One bender daemon without its sockets: what it holds, what it sees of the others, and what it answers. Time,
 * randomness and frames are injected, so that a whole cluster runs in a test on a virtual clock.
 *
 * This file delegates to the parts, which parts.ts puts together. turn.ts says what follows from an input.
 */

import type { LeaseTime } from '../../crdt/clocks.js';
import type { RunId } from '../../crdt/ids.js';
import type { Group, Query } from '../../crdt/online-index.js';
import type { View } from '../../crdt/view.js';
import type { WeightedTarget } from '../../model/catalog.js';
import type { DaemonInfo, Status } from '../../model/daemon.js';
import type { Caveats, Snapshot } from '../../model/events.js';
import type { LeaseInfo } from '../../model/lease.js';
import type {
  Address,
  Meta,
  Registration,
  RegistrationId,
  RegistrationOptions,
  RegistrationState,
  Renewal,
} from '../../model/registration.js';
import type { Freshness } from '../../model/warm-up.js';
import type { CatalogService } from './catalog/catalog-service.js';
import type { EventLog } from './events/event-log.js';
import type { Incarnation, Membership } from './membership/membership.js';
import { buildParts, type Parts } from './parts.js';
import type { Registry } from './registry.js';
import type { DocumentStore } from './replication/document-store.js';
import type { Frame } from './replication/frame.js';
import type { Reports } from './reports.js';
import type { Logs } from './log.js';
import type { DaemonEdge, DaemonSettings, Runtime, Transport } from './runtime.js';
import type { Phase } from './self.js';
import type { Tally } from './tally.js';
import type { Turn } from './turn.js';

export class Daemon implements Registry {
  readonly turn: Turn;
  readonly view: View;
  readonly membership: Membership;
  readonly documents: DocumentStore;
  readonly events: EventLog;
  readonly catalog: CatalogService;
  readonly reports: Reports;
  readonly tally: Tally;
  readonly #parts: Parts;

  constructor(
    readonly settings: DaemonSettings,
    runtime: Runtime,
    transport: Transport,
    logs: Logs,
    edge: DaemonEdge = {},
  ) {
    const parts = (this.#parts = buildParts(settings, runtime, transport, logs, edge));
    this.turn = parts.turn;
    this.view = parts.view;
    this.membership = parts.membership;
    this.documents = parts.documents;
    this.events = parts.events;
    this.catalog = parts.catalog;
    this.reports = parts.reports;
    this.tally = parts.tally;
  }

  /** Lease-clock ms. */
  readonly now = (): LeaseTime => this.#parts.clock.now();

  get phase(): Phase {
    return this.#parts.lifecycle.phase;
  }

  /** Of the present incarnation. */
  get runId(): RunId {
    return this.#parts.lifecycle.self.runId;
  }

  /** This daemon's own incarnation, once it has published. */
  get self(): Incarnation | undefined {
    return this.#parts.lifecycle.self.published?.incarnation;
  }

  get synced(): boolean {
    return this.#parts.peers.join.synced;
  }

  get stale(): boolean {
    return this.reports.stale;
  }

  get ready(): boolean {
    return this.reports.ready;
  }

  get caveats(): Caveats {
    return this.reports.caveats;
  }

  awake(): boolean {
    return this.#parts.lifecycle.isAwake();
  }

  /** See {@link Lifecycle.start}. */
  start(): Promise<boolean> {
    return this.#parts.lifecycle.start();
  }

  /** See {@link Lifecycle.stop}. */
  stop(): Promise<void> {
    return this.#parts.lifecycle.stop();
  }

  register(address: Address, options: RegistrationOptions): ReturnType<Registry['register']> {
    return this.#parts.commands.register(address, options);
  }

  renewKnown(id: string, instance?: string): boolean {
    return this.#parts.commands.renewKnown(id, instance);
  }

  renew(id: string, instance?: string): Promise<boolean> {
    return this.#parts.commands.renew(id, instance);
  }

  renewAll(wanted: readonly Renewal[]): Promise<Renewal[]> {
    return this.#parts.commands.renewAll(wanted);
  }

  replacedBy(missing: Renewal): RegistrationId | undefined {
    return this.#parts.commands.replacedBy(missing);
  }

  deregister(id: string, instance?: string): Promise<void> {
    return this.#parts.commands.deregister(id, instance);
  }

  setState(id: string, state: RegistrationState, instance?: string): Promise<Registration> {
    return this.#parts.commands.setState(id, state, instance);
  }

  setHealth(id: string, unhealthy: string | null, instance?: string): Promise<void> {
    return this.#parts.commands.setHealth(id, unhealthy, instance);
  }

  forgetDaemon(name: string): void {
    this.#parts.commands.forgetDaemon(name);
  }

  onGone(listener: (id: RegistrationId) => void): void {
    this.view.onGone(listener);
  }

  onChange(listener: (id: RegistrationId) => void): void {
    this.view.onChange(listener);
  }

  inquire(): Promise<void> {
    return this.#parts.commands.inquire();
  }

  get held(): number {
    return this.reports.held;
  }

  heldAt(id: RegistrationId): ReturnType<Registry['heldAt']> {
    return this.reports.heldAt(id);
  }

  registration(id: string): Registration | undefined {
    return this.reports.registration(id);
  }

  known(id: RegistrationId): Registration | undefined {
    return this.reports.known(id);
  }

  metaOf(id: RegistrationId): Meta | undefined {
    return this.view.winner(id)?.entry.meta;
  }

  leases(ids: readonly string[]): Promise<LeaseInfo[]> {
    return this.#parts.leases.of(ids);
  }

  registrations(query: Query): Registration[] {
    return this.reports.registrations(query);
  }

  groups(query: Query): readonly Group[] {
    return this.reports.groups(query);
  }

  unhealthyGroups(query: Query): readonly Group[] {
    return this.reports.unhealthyGroups(query);
  }

  registrationsIn(group: Group): Iterable<Registration> {
    return this.reports.registrationsIn(group);
  }

  available(app: string): ReadonlyMap<string, number> {
    return this.reports.available(app);
  }

  fresh(pool: Pick<WeightedTarget, 'app' | 'warmupMs'>): Freshness {
    return this.reports.fresh(pool);
  }

  stamp(query: Query): string {
    return this.reports.stamp(query);
  }

  unhealthyStamp(query: Query): string {
    return this.reports.unhealthyStamp(query);
  }

  snapshotRest(): Omit<Snapshot, 'registrations'> {
    return this.reports.snapshotRest();
  }

  status(): Omit<Status, 'memory'> {
    return this.reports.status();
  }

  daemons(): DaemonInfo[] {
    return this.reports.daemons();
  }

  isMember(runId: RunId): boolean {
    return this.membership.isMember(runId);
  }

  receive(frame: unknown): Frame | Promise<Frame> {
    return this.#parts.peers.exchange.receive(frame);
  }
}
