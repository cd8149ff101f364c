// `npm test`: installs, builds, and runs every test; arguments go to jest. Ends with `N passed, N failed`.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build, root, setUp } from './setup.mjs';

const NOTHING_RAN = 1;

setUp();
build();
const cache = join(root, 'node_modules', '.cache');
const summary = join(cache, 'test-summary.json');
mkdirSync(cache, { recursive: true });
rmSync(summary, { force: true });
const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
const args = [
  '--experimental-vm-modules',
  '--no-warnings',
  jest,
  '--json',
  `--outputFile=${summary}`,
  ...process.argv.slice(2),
];
const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
const { numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites, testResults } = JSON.parse(
  readFileSync(summary, 'utf8'),
);
for (const { assertionResults } of testResults) {
  for (const { status: outcome, fullName } of assertionResults) {
    if (outcome === 'pending') console.log(`skipped: ${fullName}`);
  }
}
const failed = numFailedTests + numRuntimeErrorTestSuites;
console.log(`${numPassedTests} passed, ${failed} failed, ${numPendingTests} skipped`);
process.exit(numPassedTests + failed === 0 ? NOTHING_RAN : (status ?? 1));
