import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A first run compiles client-go and controller-runtime, which takes minutes on two processors. */
export const GO_TIME_LIMIT_MS = 900_000;
export const GO_MODULE = fileURLToPath(new URL('../clients/go/', import.meta.url));
const GO = 'go';

export interface GoOutcome {
  readonly output: string;
  readonly code: number | null;
}

/** Why the tests of a package cannot run; they need Go, and the modules from its cache or its proxy. */
export function whatGoLacks(path: string): string | undefined {
  const { error } = spawnSync(GO, ['version']);
  if (error !== undefined) return 'Go is not installed';
  const { status } = spawnSync(GO, ['list', '-deps', '-test', path], { cwd: GO_MODULE, timeout: GO_TIME_LIMIT_MS });
  return status === 0
    ? undefined
    : 'Go 1.25 or a module is neither in the cache of modules nor to be had from its proxy';
}

/** Runs the tests of a package to their end. */
export function goTest(args: readonly string[], environment: Readonly<Record<string, string>>): Promise<GoOutcome> {
  return new Promise((resolve, reject) => {
    const options = { cwd: GO_MODULE, env: { ...process.env, ...environment } };
    const child = spawn(GO, ['test', '-count=1', '-mod=readonly', ...args], options);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    child.once('error', reject);
    child.once('close', (code) => resolve({ output, code }));
  });
}
