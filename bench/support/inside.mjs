// Loaded into a server under test: tells its parent what the process uses.
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
  process.send({ result: { rss, heap: heapUsed, external, cpuBefore, cpuAfter: cpuMicros() } });
});
process.channel?.unref();

function cpuMicros() {
  const { user, system } = process.cpuUsage();
  return user + system;
}
