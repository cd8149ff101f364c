import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';

const ROOT = new URL('../../', import.meta.url).pathname;
/** Under node_modules, so that the thread finds better-sqlite3. */
const TARGETS = join(ROOT, 'node_modules/.cache/flotilla-writer');
const ADAPTER = 'src/persistence/sqlite-commit-log';
const PORT = 'src/hosting/commit-log.port.ts';

/** A disk with room for little more than the schema. */
const FULL_DISK_WRITER = `
import Database from 'better-sqlite3';
const { pragma } = Database.prototype;
Database.prototype.pragma = function (...parameters) {
  pragma.call(this, 'max_page_count = 16');
  return pragma.apply(this, parameters);
};
await import('./writer.js');
`;

/** Appends to 8 clusters without end, and prints "<cluster> <revision>" for each batch that was acknowledged. */
const APPENDING_PROCESS = `
import { writeSync } from 'node:fs';
import { SqliteCommitLog } from './sqlite-commit-log.js';
const log = await SqliteCommitLog.open({ dataDir: process.argv[2] });
const appendAll = async (clusterId) => {
  for (let revision = 1; ; revision++) {
    const payload = [Buffer.alloc(100 + (revision % 7) * 1_000, revision)];
    await log.append({ clusterId, revisionFrom: revision, revisionTo: revision, instant: revision, payload });
    writeSync(1, clusterId + ' ' + revision + '\\n');
  }
};
for (let cluster = 0; cluster < 8; cluster++) void appendAll('cluster-' + cluster);
`;

/** Scripts of the adapter in a form that threads and processes can load: jest compiles for itself alone. */
export interface TranspiledScripts {
  readonly writer: URL;
  readonly fullDiskWriter: URL;
  /** Takes a data directory. */
  readonly appendingProcess: URL;
}

/** Compiles the adapter, once for each state of its sources. */
export function transpileWriter(): TranspiledScripts {
  const sources = readdirSync(join(ROOT, ADAPTER))
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((name) => `${ADAPTER}/${name}`);
  const texts = [...sources, PORT].map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
  const state = JSON.stringify([texts, FULL_DISK_WRITER, APPENDING_PROCESS]);
  const folder = join(TARGETS, createHash('sha256').update(state).digest('hex').slice(0, 16));
  replaceFile(join(folder, 'package.json'), '{"type":"module"}');
  for (const { path, text } of texts) replaceFile(join(folder, path.replace(/\.ts$/, '.js')), transpile(text));
  const script = (name: string): URL => pathToFileURL(join(folder, ADAPTER, name));
  const scripts = {
    writer: script('writer.js'),
    fullDiskWriter: script('full-disk-writer.js'),
    appendingProcess: script('appending-process.js'),
  };
  replaceFile(scripts.fullDiskWriter.pathname, FULL_DISK_WRITER);
  replaceFile(scripts.appendingProcess.pathname, APPENDING_PROCESS);
  return scripts;
}

const transpile = (text: string): string =>
  ts.transpileModule(text, {
    compilerOptions: {
      module: ts.ModuleKind.ESNext,
      target: ts.ScriptTarget.ES2023,
      verbatimModuleSyntax: true,
      esModuleInterop: true,
    },
  }).outputText;

/** Other workers of the test run may load it at the same time. */
function replaceFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, text);
  renameSync(temporary, path);
}
