// One change told to a thousand watchers, against a bare server that writes a line to a thousand open responses; and what a
// watcher that hears nothing costs beyond its connection.
import { performance } from 'node:perf_hooks';
import { Api, kubernetes } from './support/api.mjs';
import { startFloor, startFlotilla, startLoad } from './support/processes.mjs';
import { median } from './support/statistics.mjs';

const WATCHERS = 1_000;
const EVENTS = 20;
const ROUNDS = 5;
const WARM_UP_ROUNDS = 2;
const KIB = 1_024;
const CLUSTER = 'fanout';
const MAPS = '/api/v1/namespaces/default/configmaps';

export async function fanout({ profile }) {
  const [floor, flotilla] = [await startFloor(), await startFlotilla({ profile })];
  const api = await Api.open(flotilla);
  const plain = await Api.open(floor);
  await api.createCluster(CLUSTER);
  const revision = (await api.send('GET', kubernetes(CLUSTER, MAPS))).metadata.resourceVersion;
  const watching = `${MAPS}?watch=1&resourceVersion=${revision}&timeoutSeconds=3600`;
  const above = await watched(flotilla, kubernetes(CLUSTER, watching), (number) =>
    api.send('POST', kubernetes(CLUSTER, MAPS), configMap(number)),
  );
  const line = { type: 'ADDED', object: { ...configMap(0), metadata: { name: 'map-0', uid: 'x'.repeat(36) } } };
  const below = await watched(floor, '/listen', () => plain.tell('/tell', line));
  api.close();
  plain.close();
  await Promise.all([floor.stop(), flotilla.stop()]);
  const rate = (result) => median(result.seconds.map((each) => (WATCHERS * EVENTS) / each));
  return [
    {
      name: `events to ${WATCHERS} watchers, share of the floor`,
      value: rate(above) / rate(below),
      unit: '',
      atLeast: 0.25,
      detail: `${rate(above).toFixed(0)}/s of ${rate(below).toFixed(0)}/s`,
    },
    {
      name: 'memory of an idle watcher beyond its connection',
      value: (above.bytes - below.bytes) / KIB,
      unit: 'KiB',
      atMost: 4,
      detail: `${(above.bytes / KIB).toFixed(1)} KiB of heap with it, ${(below.bytes / KIB).toFixed(1)} KiB alone`,
    },
  ];
}

async function watched(server, path, change) {
  const load = startLoad();
  const { host, port, token } = server;
  const before = await server.measure();
  await load.run('watch', { host, port, token, path, count: WATCHERS });
  const after = await server.measure();
  const seconds = [];
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
    const start = performance.timeOrigin + performance.now();
    for (let event = 0; event < EVENTS; event++) await change(round * EVENTS + event);
    const end = await load.run('seen', { lines: (round + 1) * EVENTS });
    if (round >= WARM_UP_ROUNDS) seconds.push((end - start) / 1_000);
  }
  await load.run('unwatch', {});
  await load.stop();
  const used = ({ heap, external }) => heap + external;
  return { seconds, bytes: (used(after) - used(before)) / WATCHERS };
}

const configMap = (number) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: `map-${number}`, labels: { app: 'bench' } },
  data: { key: 'value'.repeat(40) },
});
