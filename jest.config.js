import { availableParallelism } from 'node:os';

const typescript = {
  // A copy of the project, while `npm run mutants` runs.
  modulePathIgnorePatterns: ['<rootDir>/.mutants'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': ['ts-jest', { useESM: true, diagnostics: false }] },
};

/** Two projects: `unit` runs the core on a virtual clock, `e2e` starts real daemons (built by `npm ci`). */
export default {
  projects: [
    { ...typescript, displayName: 'unit', testMatch: ['<rootDir>/test/unit/**/*.test.ts'] },
    {
      ...typescript,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/e2e/**/*.test.ts'],
      globalSetup: '<rootDir>/test/helpers/built.ts',
    },
  ],
  // Suites of e2e mostly wait for daemons: on two cores, two at a time take a little more than half the time.
  maxWorkers: Math.max(2, availableParallelism() - 1),
  testTimeout: 60_000,
};
