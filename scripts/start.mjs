// `npm start`: installs, builds, and serves; migrations run as the server starts.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { serverFlags } from './server-flags.mjs';
import { build, root, setUp } from './setup.mjs';

setUp();
build();
const server = spawn(process.execPath, [...serverFlags, join(root, 'dist', 'src', 'main.js')], {
  cwd: root,
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => server.kill(signal));
server.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
