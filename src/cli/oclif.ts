/**
 * The parts of oclif that commands are made of. Its index loads all the others as well, semver among them, before
 * the first command runs.
 */

export * as Args from '@oclif/core/args';
export { Command } from '@oclif/core/command';
export * as Flags from '@oclif/core/flags';
