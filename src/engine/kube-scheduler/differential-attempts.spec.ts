import { ArbitraryChoice } from '../../../test/support/arbitrary-choice.js';
import { modelAttempt, type ModelAttempt } from '../../../test/support/scheduling-model/attempt-model.js';
import { TwinWorlds } from '../../../test/support/twin-worlds.js';
import { instant } from '../kernel/clock.js';
import { EventLoop } from '../kernel/event-loop.js';
import { Random } from '../kernel/random.js';
import type { Pod } from '../machinery/api/core-v1.js';
import { makeRoom } from './make-room.js';
import { plugins } from './plugins/registry.js';
import { Preemption } from './preemption/preemption.js';
import { profilesOf } from './profile.js';
import { refusalMessage } from './refusal-message.js';
import { SchedulingCycle } from './scheduling-cycle.js';

const CLUSTERS = 500;
const STEPS = 24;
/** The model is slow: it is asked after every so many changes. */
const STEPS_PER_CHECK = 6;
const START = instant(Date.UTC(2026, 0, 2));
/** Seeds of their own: these clusters are others than those that the plugins are asked about one by one. */
const SEEDS = Array.from({ length: CLUSTERS }, (_, index) => 10_000 + index);
const OCCURRENCES_MIN = 10;

/** What must have happened, each often enough. */
const OUTCOMES = {
  'a node was best': ({ best }: ModelAttempt) => best.length === 1,
  'several nodes were equally good': ({ best }: ModelAttempt) => best.length > 1,
  'refused before any node was looked at': ({ message = '' }: ModelAttempt) => message.endsWith('. not found'),
  'nodes refused for different reasons': ({ message = '' }: ModelAttempt) => /: \d+ [^.]*, \d+ [^.]*\./.test(message),
  'only named nodes were looked at': ({ message = '' }: ModelAttempt) => message.includes("didn't satisfy plugin(s)"),
  'others could make room': ({ cleared }: ModelAttempt) => Object.keys(cleared).length > 0,
  'several had to go': ({ cleared }: ModelAttempt) => Object.values(cleared).some((victims) => victims.length > 1),
  'nobody was less important': ({ message = '' }: ModelAttempt) => message.includes('No preemption victims found'),
  'evictions would not help': ({ message = '' }: ModelAttempt) =>
    /preemption: 0\/\d+ nodes are available: .*(Insufficient|didn't)/.test(message),
  'it may not preempt': ({ message = '' }: ModelAttempt) => message.includes('preemptionPolicy=Never'),
  'devices were given back': ({ message = '' }: ModelAttempt) => message.includes('deallocation of ResourceClaim'),
  'devices stayed away': ({ message = '' }: ModelAttempt) => message.includes('still not schedulable'),
};

/** What the scheduler would do, in the model's words; of equally good nodes it takes one. */
function attempt({ world }: TwinWorlds, pod: Pod, seed: number) {
  const [profile] = profilesOf({}, plugins).values();
  const loop = new EventLoop(START, Random.seeded(seed));
  const search = new SchedulingCycle(world.nominator, loop.random).search(world.cycle(pod), profile!);
  if (search.node !== undefined) return { node: search.node.name, cleared: undefined };
  const room = makeRoom(search, profile!, () => new Preemption(loop).attempt(search, profile!.preemption));
  const message = refusalMessage(search, room.remedy);
  const cleared = room.preemption?.chosen;
  return {
    message,
    cleared:
      cleared === undefined ? undefined : { node: cleared.node.name, victims: cleared.victims.map(({ uid }) => uid) },
  };
}

describe('attempts to place a pod, against a model that tries everything', () => {
  it(`end at a best node, in the same words, or with the same victims in ${CLUSTERS} clusters`, () => {
    const differences: unknown[] = [];
    const seen = new Map(Object.keys(OUTCOMES).map((name) => [name, 0]));
    for (const seed of SEEDS) {
      const twins = new TwinWorlds(new ArbitraryChoice(seed));
      for (let step = 0; step < STEPS; step++) {
        twins.changeSomething(step);
        if ((step + 1) % STEPS_PER_CHECK > 0) continue;
        const pod = twins.waitingPod();
        const rule = modelAttempt(twins.model, pod, twins.budgets);
        const { node, message, cleared } = attempt(twins, pod, seed);
        const isAlike =
          message === rule.message &&
          (rule.best.length === 0 ? node === undefined : rule.best.includes(node ?? '')) &&
          (cleared?.victims ?? []).join() === (rule.cleared[cleared?.node ?? ''] ?? []).join() &&
          (cleared === undefined) === (Object.keys(rule.cleared).length === 0);
        if (!isAlike) differences.push({ seed, step, ours: { node, message, cleared }, rule });
        for (const [name, is] of Object.entries(OUTCOMES)) if (is(rule)) seen.set(name, (seen.get(name) ?? 0) + 1);
      }
    }
    expect(differences).toEqual([]);
    expect(Array.from(seen).filter(([, count]) => count < OCCURRENCES_MIN)).toEqual([]);
  });
});
