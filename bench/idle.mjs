// What idle clusters of three workers cost: memory from the tenth to the hundred-and-tenth, then their share of a core.
import { Api } from './support/api.mjs';
import { startFlotilla } from './support/processes.mjs';

const BEFORE = 10;
const COUNT = 100;
const SETTLE_MS = 5_000;
const WATCHED_MS = 30_000;
const MIB = 1_024 * 1_024;

export async function idle({ profile }) {
  const flotilla = await startFlotilla({ profile });
  const api = await Api.open(flotilla);
  for (let number = 0; number < BEFORE; number++) await api.createCluster(`before-${number}`);
  await wait(SETTLE_MS);
  const before = await flotilla.measure();
  for (let number = 0; number < COUNT; number++) await api.createCluster(`idle-${number}`);
  await wait(SETTLE_MS);
  const after = await flotilla.measure();
  await wait(WATCHED_MS);
  const end = await flotilla.measure();
  api.close();
  await flotilla.stop();
  const perCluster = (key) => (after[key] - before[key]) / COUNT / MIB;
  const share = ((end.cpuBefore - after.cpuAfter) / 1_000 / WATCHED_MS) * 100;
  return [
    {
      name: 'memory of one more idle cluster',
      value: perCluster('rss'),
      unit: 'MiB',
      atMost: 3,
      detail: `resident; heap ${perCluster('heap').toFixed(2)} and buffers ${perCluster('external').toFixed(2)} MiB; ${(after.rss / MIB).toFixed(0)} MiB with ${BEFORE + COUNT}`,
      before,
      after,
    },
    {
      name: `${BEFORE + COUNT} idle clusters' share of a core`,
      value: share,
      unit: '%',
      atMost: 2,
      detail: `over ${WATCHED_MS / 1_000} s`,
    },
  ];
}

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
