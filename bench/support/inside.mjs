// Loaded into a server under test: tells its parent what the process uses.
import { getHeapSpaceStatistics } from 'node:v8';

const SETTLE_MS = 200;
const COLLECTIONS = 3;

process.on('message', async ({ task }) => {
  if (task === 'cpu') process.send({ result: cpuMicros() });
  if (task !== 'measure') return;
  const cpuBefore = cpuMicros();
  for (let count = 0; count < COLLECTIONS; count++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  const young = getHeapSpaceStatistics().find((each) => each.space_name === 'new_space').physical_space_size;
  process.send({ result: { rss, heap: heapUsed, external, young, cpuBefore, cpuAfter: cpuMicros() } });
});
process.channel?.unref();

function cpuMicros() {
  const { user, system } = process.cpuUsage();
  return user + system;
}
