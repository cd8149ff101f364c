import type { Program } from './program.js';
import { programs } from './registry.js';

const DIRECTORY = /^\/(?:usr\/)?(?:local\/)?s?bin\//;
const SHELLS: ReadonlySet<string> = new Set(['bash', 'ash', 'dash']);

/** The program of that name, or at that path in a directory of programs. */
export function findProgram(command: string): Program | undefined {
  const name = command.replace(DIRECTORY, '');
  const known = SHELLS.has(name) ? 'sh' : name;
  return programs().find((each) => each.name === known);
}
