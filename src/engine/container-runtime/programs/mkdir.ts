import { parentOf, resolvePath } from '../files/path.js';
import { complain, defineCommand, operandsOf, type Process } from './program.js';

const MODE = 0o755;

export const mkdir = defineCommand('mkdir', (process) => {
  const withParents = process.argv.includes('-p');
  let code = 0;
  for (const name of operandsOf(process)) {
    const fault = make(process, resolvePath(process.workingDirectory, name), withParents);
    if (fault === undefined) continue;
    complain(process, `can't create directory '${name}': ${fault}`);
    code = 1;
  }
  return code;
});

/** With the directories above it where they are wanted. Why it cannot be made, if it cannot. */
export function make(process: Process, path: string, withParents: boolean): string | undefined {
  const { files, simulation } = process;
  const there = files.follow(path);
  if (there !== undefined) return withParents && there.type === 'directory' ? undefined : 'File exists';
  if (withParents && files.get(parentOf(path)) === undefined) {
    const fault = make(process, parentOf(path), true);
    if (fault !== undefined) return fault;
  }
  const modified = Math.floor(simulation.now / 1_000);
  return files.write(path, { type: 'directory', mode: MODE, modified, content: new Uint8Array() });
}
