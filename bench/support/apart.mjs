// Runs one function of a module in a fresh process: no measure finds the heap or the compiled code of another.
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serverFlags } from '../../scripts/server-flags.mjs';
import { workFolder } from './processes.mjs';

/** Resolves with what the exported function `name` of the module makes of `settings`. */
export function apart(module, name, settings = {}, { profile = false } = {}) {
  const execArgv = ['--expose-gc', ...serverFlags];
  if (profile) execArgv.push('--cpu-prof', `--cpu-prof-dir=${join(workFolder, 'profiles')}`);
  const child = fork(fileURLToPath(import.meta.url), [], { execArgv });
  return new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error(`the process of ${name} has ended`)));
    child.once('message', ({ result, error }) => {
      if (error === undefined) resolve(result);
      else reject(new Error(error));
    });
    child.send({ module, name, settings });
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.once('message', async ({ module, name, settings }) => {
    try {
      process.send({ result: await (await import(module))[name](settings) });
    } catch (error) {
      process.send({ error: error.stack });
    }
    process.disconnect();
  });
}
