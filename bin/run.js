#!/usr/bin/env node
import { userInfo } from 'node:os';

// oclif asks for the user's home and shell when it is loaded. In containers and in units with DynamicUser the user may
// have no entry in the password database, and then only the environment can tell.
try {
  userInfo();
} catch {
  process.env.HOME ??= '/';
  process.env.SHELL ??= '/bin/sh';
}

const { main } = await import('../dist/cli/main.js');
await main();
