import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['**/dist', 'node_modules', 'test/fixtures', 'examples', '.mutants', '.sim', '.fuzz', '.bench'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // What bites here: a promise nobody waits for swallows the error that would have told us.
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  {
    // A promise that is not awaited ends in a `catch` that logs: `void` would leave its error to end the process.
    files: ['src/daemon/**', 'src/client/**'],
    rules: { '@typescript-eslint/no-floating-promises': ['error', { ignoreVoid: false }] },
  },
  {
    files: ['bin/**/*.js', 'scripts/**/*.js', 'bench/**/*.js', 'test/mutants/**/*.js', '*.js'],
    extends: [tseslint.configs.recommended],
    rules: { eqeqeq: 'error' },
  },
  {
    // Prettier keeps code within its print width, and leaves comments alone.
    files: ['**/*.ts', '**/*.js'],
    rules: { 'max-len': ['error', { code: 1000, comments: 120, ignoreUrls: true, ignorePattern: 'eslint-disable' }] },
  },
  {
    // The core is told the time and handed its messages; only the edges read clocks and roll dice.
    files: ['src/crdt/**', 'src/daemon/core/**', 'src/model/**'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['setTimeout', 'setInterval', 'setImmediate', 'performance', 'Date', 'fetch', 'process'].map((name) => ({
          name,
          message: 'Time, randomness and the network are injected: use the Runtime handed in.',
        })),
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Randomness is injected: use the Runtime handed in.' },
      ],
    },
  },
  {
    files: ['src/**'],
    rules: { 'max-lines': ['error', 300] },
  },
  {
    // A part knows what it is handed, and no parent (docs/decisions/0026-rooms-of-the-core.md).
    files: ['src/daemon/core/**'],
    rules: {
      'max-lines': ['error', 250],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'NewExpression > ThisExpression.arguments',
          message: 'A part is handed what it needs, and not the part that made it.',
        },
      ],
    },
  },
);
