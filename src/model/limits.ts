/** Every bound on what a client may send, in one place; documented in docs/http-api.md. */
export const limits = {
  /** Characters of an app, version, backend, frontend or instance name. */
  name: 128,
  /**
   * Characters of a version or semver range in a path or query: testing many versions by a longer one takes too long.
   */
  range: 128,
  /** Conditions `meta.NAME` in one query, and characters of such a NAME. */
  metaConditions: 16,
  metaName: 128,
  /** Characters of a host: the longest DNS name. */
  host: 253,
  /** Bytes of `meta` as JSON. */
  metaBytes: 4096,
  /** Arrays and objects within each other in `meta`, itself included. */
  metaLevels: 16,
  /** Characters of the reason for a drain. */
  reason: 256,
  /** Milliseconds after which a drain may end by itself. */
  drainFor: { min: 1000, max: 30 * 24 * 60 * 60 * 1000 },
  /** Characters of what a failing health check said. */
  unhealthy: 256,
  /** Characters of the author of a change of the catalog. */
  author: 128,
  /** Edits in one answer of `GET /history`. */
  history: 10_000,
  /** Versions in one split. */
  splitVersions: 16,
  /** Of a version in a split. */
  splitWeight: 1000,
  /** Milliseconds of the warm-up of a backend. */
  warmup: { min: 1000, max: 24 * 60 * 60 * 1000 },
  /** Characters of the path prefix in routing facts. */
  pathPrefix: 256,
  /** Hosts, entry points or middlewares in routing facts. */
  routingItems: 16,
  /** Milliseconds. Below a second, jitter of the network looks like death. */
  ttlMin: 1000,
  ttlMax: 24 * 60 * 60 * 1000,
  /** Milliseconds from one probe of a check to the next, and that one may take. */
  checkInterval: { min: 1000, max: 10 * 60 * 1000 },
  checkTimeout: { min: 100, max: 30_000 },
  /** Failures, or passes, in a row that a check may ask for. */
  checkCount: 10,
  /** Milliseconds for which what fails its check may be kept. */
  deregisterAfter: { min: 1000, max: 30 * 24 * 60 * 60 * 1000 },
  /** Characters of the path of a check. */
  checkPath: 256,
  /** Ids in one `POST /renewals`. */
  renewals: 10_000,
  /** Ids in one `GET /leases`. */
  leases: 100,
  /** Bytes of a request body: room for the most ids in one `POST /renewals`, at 200 bytes each. */
  body: 2 * 1024 * 1024,
  /** Deleted lives of one id that are remembered at a time. */
  lives: 64,
  /** Revisions of a registration, and decisions on one: no daemon writes as many, and what is above is not believed. */
  rev: 2 ** 40,
  /** Starts of a daemon of one name. */
  generation: 2 ** 40,
} as const;
