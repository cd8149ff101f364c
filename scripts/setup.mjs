// Makes node_modules fit the lock file, and does nothing when it does already. No dependencies: it runs before there are any.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NODE_MAJOR_MIN = 20;
export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const marker = join(root, 'node_modules', '.installed-for');

/** Installs what the lock file names, unless that was done already for this Node. Ends the process where it cannot. */
export function setUp() {
  if (Number(process.versions.node.split('.')[0]) < NODE_MAJOR_MIN) {
    fail(`Flotilla needs Node ${NODE_MAJOR_MIN} or newer; this is ${process.version}.`);
  }
  const wanted = fingerprint();
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return;
  console.log('Installing dependencies …');
  run('npm', ['install', '--no-save', '--no-audit', '--no-fund'], {
    env: { ...process.env, ...nativeBuildSettings() },
  });
  writeFileSync(marker, wanted);
}

/** Compiles `src` and `migrations` into `dist`, and adds the descriptions of the API types. */
export function build() {
  run(process.execPath, [
    join(root, 'node_modules', 'typescript', 'bin', 'tsc'),
    '-p',
    join(root, 'scripts', 'tsconfig.build.json'),
  ]);
  run(process.execPath, [join(root, 'scripts', 'write-api-descriptions.mjs')]);
}

/** Runs a command in the project's folder and ends the process with its exit code where that is not 0. */
export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (error) fail(`${command}: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

function fingerprint() {
  const lock = readFileSync(join(root, 'package-lock.json'));
  const platform = `${process.version} ${process.platform} ${process.arch} ${process.versions.modules}`;
  return createHash('sha256').update(lock).update(platform).digest('hex');
}

/** Native modules build against this Node's own headers where they are on the machine: then nothing is downloaded for it. */
function nativeBuildSettings() {
  const prefix = dirname(dirname(realpathSync(process.execPath)));
  const header = join(prefix, 'include', 'node', 'node_version.h');
  if (!existsSync(join(prefix, 'include', 'node', 'node.h')) || !existsSync(header)) return {};
  const text = readFileSync(header, 'utf8');
  const part = (name) => new RegExp(`#define NODE_${name}_VERSION (\\d+)`).exec(text)?.[1];
  const version = ['MAJOR', 'MINOR', 'PATCH'].map(part).join('.');
  if (version !== process.versions.node) return {};
  return { npm_config_nodedir: prefix, npm_config_build_from_source: 'true' };
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) setUp();
