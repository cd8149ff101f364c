import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ENTRY = process.env['FLOTILLA_TEST_ENTRY'] ?? fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
const TIME_LIMIT_MS = 20_000;

/** How the built server ends when it cannot start on a data directory: its exit code, or a signal at the time limit. */
export function refusedStart(dataDir: string): Promise<{ readonly end: number | string; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const own = { FLOTILLA_HTTP_PORT: '0', FLOTILLA_HTTPS_PORT: '0', FLOTILLA_DATA_DIR: dataDir };
    const child = spawn(process.execPath, [ENTRY], {
      env: { ...process.env, ...own },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const limit = setTimeout(() => child.kill('SIGKILL'), TIME_LIMIT_MS);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(limit);
      resolve({ end: code ?? signal ?? -1, output });
    });
  });
}
