/**
 * What follows `--` is a program with its arguments, to be passed on as it is: oclif's parser would sort
 * arguments that occur twice. Nothing after the dashes is no program.
 */
export function splitProgram(argv: string[]): { own: string[]; program: string[] } {
  const dashes = argv.indexOf('--');
  if (dashes < 0) return { own: argv, program: [] };
  return { own: argv.slice(0, dashes), program: argv.slice(dashes + 1) };
}
