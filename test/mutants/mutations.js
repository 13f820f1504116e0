/**
 * Small ways to break the core and its documents. `from` stands once in their sources, in whichever file and however it
 * is wrapped there, and becomes `to`. A mutation with `accepted` may survive, for the reason that it gives.
 */

export const mutations = [
  // Isolation
  {
    name: 'isolation ends at once',
    from: 'if (now - this.#halfSince >= steadyMs) this.#since = undefined;',
    to: 'this.#since = undefined;',
  },
  {
    name: 'the window of isolation does not stand still',
    from: 'if (this.isolated) this.#stoodStillMs += now - this.#reviewedAt;',
    to: '',
  },
  {
    name: 'half of the daemons is too few',
    from: 'this.#decide(now, 2 * heard < known);',
    to: 'this.#decide(now, 2 * heard <= known);',
  },
  {
    name: 'a daemon that left still counts for isolation',
    from: 'for (const name of left) if (!live.has(name)) this.#known.delete(name);',
    to: '',
  },
  {
    name: 'isolation never ends by itself',
    from: 'if (now - this.#since < this.isolatedForMs) return;',
    to: 'return;',
  },
  // Leases and releases
  {
    name: 'what was released is taken over',
    from: 'else if (!held && !this.context.view.isReleased(entry.life)) {',
    to: 'else if (!held) {',
  },
  {
    name: 'a take-over keeps the forwarded value instead of the latest',
    from: 'this.entries.hold(id, this.entries.latest(id, entry));',
    to: 'this.entries.hold(id, entry);',
  },
  {
    name: 'a forwarded renewal of another life is accepted',
    from: 'if (!held || held.life !== life || held.rev < rev) {',
    to: 'if (!held || held.rev < rev) {',
  },
  {
    name: 'a forwarded renewal of a later rev is accepted',
    from: 'if (!held || held.life !== life || held.rev < rev) {',
    to: 'if (!held || held.life !== life) {',
  },
  {
    name: 'a forwarded renewal renews nothing',
    from: 'this.entries.renew(id, held); if (change) this.entries.change(id, held, change); });',
    to: 'if (change) this.entries.change(id, held, change); });',
  },
  {
    name: 'what is held is never reconciled with a release',
    from: 'if (view.isReleased(held.life) || ended?.has(held.life)) {',
    to: 'if (false) {',
  },
  {
    name: 'what is held does not follow the winning value',
    from: 'if (!entry || sameEntry(entry, held)) return;',
    to: 'return;',
  },
  {
    name: 'leases never end',
    from: 'for (const id of this.#leases.takeDue(now)) this.drop(id);',
    to: '',
  },
  {
    name: 'updates are never throttled',
    from: 'if (change.unhealthy === undefined && mayWriteAt > now) {',
    to: 'if (false) {',
  },
  {
    name: 'an update that waits is lost',
    from: 'for (const [id, change] of this.#throttle.takeDue(now)) this.#changeHeld(id, change);',
    to: '',
  },
  {
    name: 'a new life does not outrank the copies of the former',
    from: 'rev: Math.max(...[id, ...replaced].map((one) => view.nextRev(one))),',
    to: 'rev: 1,',
  },
  {
    name: 'a new instance does not end the one before',
    from: 'const replaced = [...(view.winner(id) ? [id] : []), ...view.knownSiblings(id)];',
    to: 'const replaced = view.siblings(id);',
  },
  {
    name: 'another version at the address stays',
    from: "for (const one of replaced) this.release(one, view.copies(one), 'replaced');",
    to: '',
  },
  {
    name: 'a goodbye is about whatever instance is there',
    from: 'return entry !== undefined && (instance === undefined || entry.instance === instance);',
    to: 'return entry !== undefined;',
  },
  {
    name: 'orphans are renewed at their lost holder',
    from: '} else if (elsewhere && !elsewhere.lost) {',
    to: '} else if (elsewhere) {',
  },
  {
    name: 'a decision is kept for nobody',
    from: 'this.#write(id, { life: entry.life, decision });',
    to: '',
  },
  // Orphans, and daemons that come and go
  {
    name: 'orphans have no grace',
    from: 'const orphanGraceMs = 500;',
    to: 'const orphanGraceMs = -1500;',
  },
  {
    name: 'orphans never lapse',
    from: 'this.view.setLapsed(runId, id, true, this.membership.get(runId)?.heardAt);',
    to: '',
  },
  {
    name: 'a daemon that is cut off lets orphans lapse',
    from: 'lapse(): void { if (this.isStale()) return;',
    to: 'lapse(): void {',
  },
  {
    name: 'what lapsed of a daemon counts at once when it is back',
    from: 'if (now() - since < waitMs) continue;',
    to: '',
  },
  {
    name: 'a lost daemon is forgotten at once',
    from: 'now >= lostAt + Math.max(defaultTtlMs, longestTtlMs) + peerTimeoutMs + releaseGraceMs &&',
    to: '',
  },
  {
    name: 'the orphans of a daemon that is back stay orphans',
    from: 'orphans.release(incarnation);',
    to: '',
  },
  // Membership
  {
    name: 'of one counter the smaller age counts',
    from: 'this.heardAt = Math.max(Math.min(before, saidAt), this.floor);',
    to: 'this.heardAt = Math.max(before, saidAt, this.floor);',
  },
  {
    name: 'a silent incarnation replaces one that is heard',
    from: 'const replaced = last !== one && (silent(one) ? one.gone || !silent(last) : !silent(last));',
    to: 'const replaced = last !== one;',
  },
  {
    name: 'a successor does not replace its former self',
    from: 'one.setGone(one.left || (replaced && !goesOn), now);',
    to: 'one.setGone(one.left, now);',
  },
  {
    name: 'a goodbye is not believed',
    from: 'one.setGone(one.left || (replaced && !goesOn), now);',
    to: 'one.setGone(replaced && !goesOn, now);',
  },
  {
    name: 'old signs bring back what was forgotten',
    from: 'if (counter <= past || ageMs >= peerTimeoutMs || goneForMs >= 0) return false;',
    to: '',
  },
  {
    name: 'a later loss time is no news',
    from: 'else if (Math.abs(lostAt - one.lostAt) > noiseMs) review.moved.push(one);',
    to: '',
  },
  // A daemon's own life
  {
    name: 'a stop does not flush forwarded renewals',
    from: 'forwarder.flush();',
    to: '',
  },
  {
    name: 'a stop does not say that it leaves',
    from: 'holder.own.setOwner({ ...holder.own.owner!, leaving: true });',
    to: '',
  },
  {
    name: 'decisions are not kept over a pause',
    from: 'if (published) this.#keptDecided = published.holder.own.decided;',
    to: '',
  },
  // Drains that end
  {
    name: 'a daemon that joins is not told how much is left of a drain',
    from: "if (event.type === 'daemon-online') handOnDrains();",
    to: '',
  },
  {
    name: 'what is left of a drain is not counted down',
    from: 'const left = Math.max(0, Math.ceil(awaited.at - this.now()));',
    to: 'const left = decision.end.left;',
  },
  {
    name: 'only the holder ends a drain',
    from: 'return tellMs + stepMs * Math.min(before.length, lastRank);',
    to: 'return Infinity;',
  },
  {
    name: 'a drain begins anew whenever its entry is written',
    from: 'const at = Math.min(this.now() + decision.end.left, isKnown ? awaited.at : Infinity);',
    to: 'const at = this.now() + decision.end.left;',
  },
  {
    name: 'a drain that replaces another one keeps the end of that',
    from: 'if (this.#isOf(awaited.decision, decision)) this.#due.set(life, awaited.at);',
    to: 'if (decision) this.#due.set(life, awaited.at);',
    accepted: 'the end that is written then has the turn of the drain that replaced the other, and gives way to it',
  },
  {
    name: 'a suspended daemon drops what its former self had not committed',
    from: "turn.commit(); this.#phase = 'joining';",
    to: "this.#phase = 'joining';",
  },
  {
    name: 'a renewal that has waited is passed on unasked',
    from: '!this.context.comeback.listening',
    to: 'true',
  },
  {
    name: 'a new epoch does not wait for the peers',
    from: '.delivered([name], epochForMs)',
    to: '.delivered([], 0)',
  },
  {
    name: 'what is unknown is not asked for before a renewal is refused',
    from: 'if (this.renewKnown(id, instance)) return true; await this.context.inquiry.ask();',
    to: 'if (this.renewKnown(id, instance)) return true;',
  },
  {
    name: 'a pause ages nobody',
    from: 'this.heardAt -= ms;',
    to: '',
  },
  {
    name: 'what peers say of a silence is bounded by what was heard before a time away',
    from: 'this.floor -= awayMs;',
    to: '',
  },
  {
    name: 'a delete is acknowledged before anyone has heard of it',
    from: 'await deliveries.delivered([name], commandForMs);',
    to: '',
  },
  {
    name: 'the catalog is committed and told to nobody',
    from: 'if (this.documents.catalog.dirty) changed.push(catalogName);',
    to: '',
  },
  // Among peers
  {
    name: 'a reported silence of ours is ignored',
    from: 'if (ageMs > since + peerTimeoutMs) return this.#isStandstill(teller) ? [{ ms: ageMs, stoodStill: true }] : [];',
    to: '',
  },
  {
    name: 'a daemon joins from any peer that answers',
    from: 'if (link.sync.complete && answer.from.synced) join.heard(answer.from.warm);',
    to: 'if (link.sync.complete) join.heard(answer.from.warm);',
  },
  {
    name: 'a daemon is warm at once',
    from: 'this.#warming = this.runtime.after(settings.warmForMs ?? settings.ttlMs, warm);',
    to: 'this.#warming = this.runtime.after(0, warm);',
  },
  {
    name: 'nothing is relayed beyond the full mesh',
    from: 'if (this.membership.live().length > meshLimit) for (const name of merged) this.push(name);',
    to: '',
  },
  {
    name: 'lost daemons are not called again',
    from: 'missing.add(holdings.owner.url);',
    to: '{}',
  },
  {
    name: 'a failed exchange is not repeated',
    from: 'sync.failed(); this.host.onUnreached(this, error as Error);',
    to: 'this.host.onUnreached(this, error as Error);',
  },
  {
    name: 'a peer that restarted is spoken to as before',
    from: 'if (this.runId !== undefined && this.runId !== runId) this.sync = new PeerSync(this.documents);',
    to: '',
  },
  {
    name: 'renewals that nobody acknowledged are dropped',
    from: '() => settle(renewals),\n      )\n      .catch(',
    to: '() => settle([]),\n      )\n      .catch(',
  },
  {
    name: 'renewals that time out are dropped',
    from: 'this.runtime.after(acknowledgeWithinMs, () => this.runtime.defer(() => settle(renewals)));',
    to: 'this.runtime.after(acknowledgeWithinMs, () => this.runtime.defer(() => settle([])));',
  },
  {
    name: 'an update that another one has followed comes back',
    from: 'unheld.filter((renewal) => !renewal.change || this.#updates.get(renewal.id) === renewal);',
    to: 'unheld;',
  },
  {
    name: 'the lease clock does not slow down with the daemon',
    from: 'const maxStepMs = 200;',
    to: 'const maxStepMs = 1e9;',
  },
  {
    name: 'of two daemons of one name both stay',
    from: 'if (this.#isAlive(other, now) && outlasts(other, self) && this.isReached(rival.url, other.runId))',
    to: 'if (false)',
  },
  // Documents and the view
  {
    name: 'heads that are unknown here are not asked for',
    from: 'if (!this.#wanted.has(name)) this.#wanted.set(name, { asked: ours, inVain: 0 });',
    to: '',
  },
  {
    name: 'a transfer in pieces ends with its first piece',
    from: '// Behind the others, so that none of them waits for a whole long history.\n      this.#news.add(name);',
    to: '',
  },
  {
    name: 'a replica that leads nowhere is kept',
    from: 'this.documents.discard(name);',
    to: '',
  },
  {
    name: 'the copy with the lower rev wins',
    from: 'if (a.entry.rev !== b.entry.rev) return a.entry.rev > b.entry.rev;',
    to: 'if (a.entry.rev !== b.entry.rev) return a.entry.rev < b.entry.rev;',
  },
  // Checks
  {
    name: 'a check that fails wins over a copy whose check passes',
    from: 'return isHealthy === !b.entry.unhealthy ? a.holder > b.holder : isHealthy;',
    to: 'return a.holder > b.holder;',
  },
  {
    name: 'a failing check is written with a higher rev',
    from: "const entry: Entry = { ...held, unhealthy: unhealthy ?? '' };",
    to: "const entry: Entry = { ...held, rev: this.view.nextRev(id), unhealthy: unhealthy ?? '' };",
  },
  {
    name: 'a check that fails while the daemon is stalled counts',
    from: 'else if (wasStalled) this.#expect(id, watch, this.context.now());',
    to: '',
  },
  {
    name: 'an orphan whose check fails lapses',
    from: 'return lost && !isStale() ? lapseTime(lost, winner.entry) : Infinity;',
    to: 'return Infinity;',
  },
  {
    name: 'a probe that is due during another one is forgotten',
    from: 'if (watch.over) return this.#due.set(id, this.context.now());',
    to: 'if (watch.over) return this.#due.delete(id);',
  },
  {
    name: 'a daemon that takes the probing over has too short a lease for it',
    from: 'this.#holder()?.renewHeld(id);',
    to: '',
  },
  {
    name: 'only the first daemon makes the check of an orphan',
    from: 'return rank === undefined ? undefined : lost!.lostAt + rank * (check.timeout + tellMs);',
    to: 'return rank === 0 ? lost!.lostAt : undefined;',
  },
  {
    name: 'failing checks take all places',
    from: 'failing: new Places(probesAtOnce / 2)',
    to: 'failing: new Places(probesAtOnce)',
  },
  {
    name: 'an unhealthy instance is kept for ever by its check',
    from: 'if (now - (failingSince ?? now) < check.deregisterAfter) holder.renew(id);',
    to: 'holder.renew(id);',
  },
  {
    name: 'released lives count',
    from: 'if (copy.lapsed || this.isReleased(copy.entry.life)) continue;',
    to: 'if (copy.lapsed) continue;',
  },
  {
    name: 'lapsed copies count',
    from: 'if (copy.lapsed || this.isReleased(copy.entry.life)) continue;',
    to: 'if (this.isReleased(copy.entry.life)) continue;',
  },
  {
    name: 'decisions beside the entries do not count',
    from: 'if (decided.life === life) latest = laterDecision(latest, decided.decision);',
    to: '',
  },
  {
    name: 'the next epoch does not get what is written meanwhile',
    from: 'if (this.#successor) append(this.#successor.document, note);',
    to: '',
  },
];
