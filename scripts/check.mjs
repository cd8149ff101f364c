// `npm run check`: format, lint, types, dead code, architecture, generated files. Reports every failure, not the first.
import { spawnSync } from 'node:child_process';
import { root, setUp } from './setup.mjs';

const node = process.execPath;
const STEPS = [
  ['format', node, 'node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'],
  [
    'lint',
    node,
    'node_modules/eslint/bin/eslint.js',
    '--config',
    'scripts/eslint.config.js',
    '--cache',
    '--cache-location',
    'node_modules/.cache/eslint/',
    '.',
  ],
  ['types', node, 'node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'],
  ['types of the engine', node, 'node_modules/typescript/bin/tsc', '-p', 'src/engine/tsconfig.json', '--noEmit'],
  ['build', node, 'node_modules/typescript/bin/tsc', '-p', 'scripts/tsconfig.build.json'],
  ['descriptions of the API', node, 'scripts/write-api-descriptions.mjs'],
  ['dead code', node, 'node_modules/knip/bin/knip.js', '--no-progress'],
  [
    'architecture',
    node,
    '--experimental-vm-modules',
    '--no-warnings',
    'node_modules/jest/bin/jest.js',
    '--silent',
    'test/architecture.spec.ts',
  ],
  ['API facts', node, 'scripts/generate-api-facts.mjs', '--check'],
  ['bootstrap objects', node, 'scripts/generate-bootstrap-objects.mjs', '--check'],
  ['openapi.yaml', node, 'scripts/generate-openapi.mjs', '--check'],
];

setUp();
const failures = [];
for (const [name, command, ...args] of STEPS) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status === 0) {
    console.log(`ok    ${name}`);
    continue;
  }
  failures.push(name);
  console.log(`FAIL  ${name}\n${stdout}${stderr}`);
}
if (failures.length > 0) console.log(`\n${failures.length} of ${STEPS.length} checks failed: ${failures.join(', ')}`);
process.exit(failures.length === 0 ? 0 : 1);
