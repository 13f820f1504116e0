#!/usr/bin/env node
import { homedir } from 'node:os';

// oclif asks for the home of the user when it is loaded. In containers and in units with DynamicUser there may be none.
try {
  homedir();
} catch {
  process.env.HOME = '/';
}

const { main } = await import('../dist/cli/main.js');
await main();
