/** Backends and frontends: the catalog that deployments change. */

/** The set of registrations of one app version. Pointing it at another version is a deployment. */
export interface Backend {
  resource: 'Backend';
  name: string;
  app: string;
  /** An exact version, or a semver range such as `^1.2.0`. */
  version: string;
}

/** What callers address. Serves one backend; none until it is given one. */
export interface Frontend {
  resource: 'Frontend';
  name: string;
  backend?: string;
}

export type BackendFields = Omit<Backend, 'resource'>;
export type FrontendFields = Omit<Frontend, 'resource'>;
