/** Which way imports point:  commands -> cli, client -> model;  daemon -> crdt -> model. */
const forbid = (name, from, to, comment) => ({ name, severity: 'error', comment, from, to });

module.exports = {
  forbidden: [
    forbid('no-circular', {}, { circular: true }, 'A cycle has no first file to read.'),
    forbid('nothing-imports-commands', { pathNot: '^src/commands' }, { path: '^src/commands' }, 'Commands are leaves.'),
    forbid(
      'model-is-the-bottom',
      { path: '^src/model' },
      { path: '^src/(?!model)' },
      'The model knows nobody above it.',
    ),
    forbid(
      'crdt-knows-documents-only',
      { path: '^src/crdt' },
      { path: '^src/(?!crdt|model)|node_modules/(express|@oclif|pino|undici)|^(http|https|net|timers)$' },
      'Documents and views: no HTTP, no oclif, no timers.',
    ),
    forbid(
      'automerge-in-one-place',
      { path: '^src', pathNot: '^src/crdt/document\\.ts$' },
      { path: 'node_modules/@automerge' },
      'Automerge is met in src/crdt/document.ts alone.',
    ),
    forbid(
      'the-core-has-no-sockets',
      { path: '^src/daemon/core' },
      {
        path: '^src/(?!crdt|model|daemon/core)|node_modules/(express|@oclif|pino|undici)|^(http|https|net|timers)',
      },
      'The core is handed its messages; HTTP lives beside it.',
    ),
    forbid(
      'clients-load-no-server',
      { path: '^src/(cli|client)|^src/commands/(?!serve)' },
      { path: '^src/(daemon|crdt)|node_modules/(express|@automerge|pino|valibot)' },
      'Commands that only talk to a daemon start fast because they load neither Express nor Automerge.',
    ),
    forbid(
      'the-client-has-one-door',
      { path: '^src/(cli|commands|daemon|crdt)/' },
      { path: '^src/client/(?!index\\.ts$)' },
      'The commands use the client library as every other program does: by what src/client/index.ts exports.',
    ),
    forbid(
      'the-client-stands-alone',
      { path: '^src/client', pathNot: '^src/client/(fastify\\.ts$|callers/)' },
      {
        path: '^src/(?!client|model)|^src/client/callers/|node_modules/(?!eventsource-parser)',
        pathNot: 'node_modules/@types',
      },
      'bender-client is published with src/client, the models that it uses, and one dependency.',
    ),
    forbid(
      'callers-use-what-the-program-brings',
      { path: '^src/client/callers/' },
      { path: '^src/(?!client|model)|node_modules/(?!undici|@grpc/grpc-js)', pathNot: 'node_modules/@types' },
      'The sub-paths of bender-client for callers need undici or grpc-js, which are optional peers.',
    ),
    forbid(
      'the-plugin-knows-types-of-fastify',
      { path: '^src/client/fastify\\.ts$' },
      {
        path: '^src/(?!client|model)|node_modules/',
        pathNot: 'node_modules/@types',
        dependencyTypesNot: ['type-only'],
      },
      'bender-client does not need Fastify: its plugin has only the types of it.',
    ),
    forbid(
      'the-page-runs-in-a-browser',
      { path: '^src/ui' },
      {
        path: '^src/(?!ui|model|client/picture)|node_modules/(?!preact|@preact|htm|uplot|eventsource-parser|semver)',
        pathNot: 'node_modules/@types',
      },
      'The dashboard has the models, what a watcher has seen, and its own libraries; nothing of Node.',
    ),
    forbid('the-page-is-a-leaf', { path: '^src/(?!ui)' }, { path: '^src/ui' }, 'Daemons serve the page as a file.'),
    forbid(
      'the-description-is-made-by-the-build',
      { path: '^src/(?!openapi)' },
      { path: '^src/openapi|node_modules/@valibot' },
      'Daemons serve the description of the API as a file: what makes it is not in them.',
    ),
    forbid(
      'the-description-describes',
      { path: '^src/openapi' },
      { path: '^src/(?!openapi|model|daemon/http/(auth/access|errors)\\.ts$)' },
      'It is made of the schemas, the table of routes and roles, and the table of errors.',
    ),
    forbid(
      'oclif-in-parts',
      { path: '^src', pathNot: '^src/cli/(oclif|main|help)\\.ts$' },
      { path: 'node_modules/@oclif' },
      'src/cli/oclif.ts has what commands are made of; the rest takes time to load.',
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { conditionNames: ['import', 'node', 'default'], exportsFields: ['exports'] },
  },
};
