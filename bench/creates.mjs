// Durable pod creates through the Kubernetes API, against the floor: rounds in turn, the same client for both.
import { Api, kubernetes } from './support/api.mjs';
import { POD_BYTES } from './support/pod-body.mjs';
import { startFloor, startFlotilla, startLoad } from './support/processes.mjs';
import { median } from './support/statistics.mjs';

const ROUNDS = 5;
const COUNT = 5_000;
const CONNECTIONS = 64;
/** Before the first round that counts: a path as long as a write's takes thousands of calls to be compiled. */
const WARM_UP_ROUNDS = 3;

export async function creates({ profile }) {
  const [floor, flotilla, load] = [await startFloor(), await startFlotilla({ profile }), startLoad()];
  const api = await Api.open(flotilla);
  const rounds = [];
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
    const common = { count: COUNT, connections: CONNECTIONS, from: round * COUNT };
    const below = await measured(floor, () => load.run('creates', { ...addressOf(floor), path: '/pods', ...common }));
    const cluster = `round-${round}`;
    await api.createCluster(cluster, { topology: { workers: 0 } });
    const path = kubernetes(cluster, '/api/v1/namespaces/default/pods');
    const above = await measured(flotilla, () => load.run('creates', { ...addressOf(flotilla), path, ...common }));
    await api.deleteCluster(cluster);
    if (round >= WARM_UP_ROUNDS) rounds.push({ floor: below, flotilla: above });
  }
  api.close();
  await Promise.all([floor.stop(), flotilla.stop(), load.stop()]);
  const floorRate = median(rounds.map((each) => each.floor.perSecond));
  const rate = median(rounds.map((each) => each.flotilla.perSecond));
  const cpu = (which) => median(rounds.map((each) => each[which].cpuPerCreate)).toFixed(0);
  const p99 = median(rounds.map((each) => each.flotilla.p99));
  return [
    {
      name: 'durable pod creates, share of the floor',
      value: median(rounds.map((each) => each.flotilla.perSecond / each.floor.perSecond)),
      unit: '',
      atLeast: 0.4,
      detail: `${rate.toFixed(0)}/s of ${floorRate.toFixed(0)}/s; ${CONNECTIONS} connections, ${POD_BYTES} bytes, p99 ${p99.toFixed(0)} ms; CPU ${cpu('flotilla')} µs each, the floor's ${cpu('floor')} µs`,
      rounds,
    },
  ];
}

/** Adds what the server's threads spent on each create: a figure that other processes on the machine disturb less. */
async function measured(server, run) {
  const before = await server.cpu();
  const result = await run();
  return { ...result, cpuPerCreate: ((await server.cpu()) - before) / COUNT };
}

const addressOf = ({ host, port, token }) => ({ host, port, token });
