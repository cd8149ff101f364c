import type { Client } from '../../client/client.js';
import { timestamp } from '../../kernel/clock.js';
import { pod as podKind } from '../../kinds/pod.js';
import type { Pod, PodCondition } from '../../machinery/api/core-v1.js';
import { keyOf } from '../../machinery/object.js';
import type { Nominator } from '../nominator.js';
import type { SchedulerEvents } from '../scheduler-events.js';
import { withCondition } from '../pod-condition.js';
import type { Candidate } from './select-victims.js';

export interface EvictionsOptions {
  readonly client: Client;
  readonly events: SchedulerEvents;
  readonly nominator: Nominator;
  /** All victims are told; a preemptor that was kept back meanwhile, or whose evictions failed, must be tried again. */
  onDone(preemptorUid: string, hasFailed: boolean): void;
}

/** Carries preemptions out beside the scheduling of other pods; until its victims are told, a preemptor is not tried again. */
export class Evictions {
  readonly #options: EvictionsOptions;
  readonly #running = new Set<string>();

  constructor(options: EvictionsOptions) {
    this.#options = options;
  }

  isRunning(preemptorUid: string): boolean {
    return this.#running.has(preemptorUid);
  }

  begin(preemptor: Pod, { node, victims }: Candidate): void {
    const uid = preemptor.metadata.uid ?? '';
    const { client } = this.#options;
    const alive = victims.filter(({ pod }) => pod.metadata.deletionTimestamp === undefined);
    if (alive.length === 0) return;
    this.#running.add(uid);
    client.simulation.soon(() => {
      this.#releaseLesser(preemptor, node.name);
      let open = alive.length;
      let hasFailed = false;
      for (const { pod } of alive) {
        this.#evict(preemptor, pod, node.name, (isDone) => {
          hasFailed ||= !isDone;
          open--;
          if (open > 0) return;
          this.#running.delete(uid);
          this.#options.onDone(uid, hasFailed);
        });
      }
    });
  }

  /** Less important pods that were promised this node may not fit there any more: they look for another. */
  #releaseLesser(preemptor: Pod, nodeName: string): void {
    const { client, nominator } = this.#options;
    const priority = preemptor.spec.priority ?? 0;
    for (const info of Array.from(nominator.on(nodeName).values())) {
      if (info.priority >= priority || info.uid === preemptor.metadata.uid) continue;
      nominator.remove(info.uid);
      client.patchStatus(podKind, keyOf(info.pod), { status: { nominatedNodeName: null } }, () => undefined);
    }
  }

  #evict(preemptor: Pod, known: Pod, nodeName: string, done: (isDone: boolean) => void): void {
    const { client, events } = this.#options;
    const victim = client.get(podKind, keyOf(known));
    if (victim === undefined || victim.metadata.uid !== known.metadata.uid) return done(true);
    const condition: PodCondition = {
      type: 'DisruptionTarget',
      ...(victim.metadata.generation === undefined ? {} : { observedGeneration: victim.metadata.generation }),
      status: 'True',
      lastProbeTime: null,
      lastTransitionTime: timestamp(client.simulation.now),
      reason: 'PreemptionByScheduler',
      message: `${preemptor.spec.schedulerName ?? ''}: preempting to accommodate a higher priority pod`,
    };
    client.updateStatus(podKind, withCondition(victim, condition), ({ error }) => {
      if (error !== undefined) return done(error.status.reason === 'NotFound');
      client.delete(podKind, victim, {}, (outcome) => {
        if (outcome.error !== undefined) return done(outcome.error.status.reason === 'NotFound');
        const note = `Preempted by pod ${preemptor.metadata.uid ?? ''} on node ${nodeName}`;
        events.record(victim, { type: 'Normal', reason: 'Preempted', action: 'Preempting', note, related: preemptor });
        done(true);
      });
    });
  }
}
