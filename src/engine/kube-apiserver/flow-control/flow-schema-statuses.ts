import { flowSchema } from '../../kinds/flow-schema.js';
import { priorityLevelConfiguration } from '../../kinds/priority-level-configuration.js';
import { timestamp } from '../../kernel/clock.js';
import type { Simulation } from '../../kernel/simulation.js';
import { WorkQueue } from '../../kernel/work-queue.js';
import type { FlowSchema, FlowSchemaCondition } from '../../machinery/api/flowcontrol-v1.js';
import { goQuote } from '../../machinery/go-text.js';
import type { ResourceApi } from '../../machinery/resource-api.port.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import { ALL_POWERFUL_GROUP, type UserInfo } from '../../machinery/user.js';
import type { WireRequest, WireResponse } from '../wire.js';
import { APPLY_TYPE } from '../writes/apply-handler.js';

const USER: UserInfo = Object.freeze({ username: 'system:apiserver', groups: [ALL_POWERFUL_GROUP] });
const MANAGER = 'api-priority-and-fairness-config-consumer-v1';
const PATH = '/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas';
const DANGLING = 'Dangling';
const NOT_FOUND = 404;

interface FlowSchemaStatusesOptions {
  readonly api: ResourceApi;
  readonly simulation: Simulation;
  readonly text: TextCodec;
  /** The server's own requests to itself. */
  send(request: WireRequest, done: (response: WireResponse) => void): void;
}

/** Tells of each FlowSchema whether its priority level is there: as upstream does, by applying the condition. */
export class FlowSchemaStatuses {
  readonly #options: FlowSchemaStatusesOptions;
  readonly #queue: WorkQueue;

  constructor(options: FlowSchemaStatusesOptions) {
    this.#options = options;
    this.#queue = new WorkQueue(options.simulation, (name) => this.#work(name));
  }

  /** Schemas or levels have changed. */
  check(): void {
    for (const schema of this.#options.api.list(flowSchema)) {
      if (!isToldTruly(schema, this.#truth(schema))) this.#queue.add(schema.metadata.name);
    }
  }

  #work(name: string): void {
    const { api, simulation, text, send } = this.#options;
    const schema = api.get(flowSchema, name);
    if (schema === undefined) return this.#queue.forget(name);
    const truth = this.#truth(schema);
    if (isToldTruly(schema, truth)) return;
    const condition = { type: DANGLING, ...truth, lastTransitionTime: timestamp(simulation.now) };
    const { apiVersion, kind } = schema;
    const body = { apiVersion, kind, metadata: { name }, status: { conditions: [condition] } };
    send(
      {
        method: 'PATCH',
        path: `${PATH}/${encodeURIComponent(name)}/status`,
        query: `fieldManager=${MANAGER}&force=true`,
        headers: { 'content-type': APPLY_TYPE, accept: 'application/json' },
        body: text.encode(JSON.stringify(body)),
        user: USER,
      },
      ({ status }) => {
        if (status < 300 || status === NOT_FOUND) this.#queue.forget(name);
        else this.#queue.addRateLimited(name);
      },
    );
  }

  #truth({ spec }: FlowSchema): Pick<Required<FlowSchemaCondition>, 'status' | 'reason' | 'message'> {
    const { name } = spec.priorityLevelConfiguration;
    const references = `This FlowSchema references the PriorityLevelConfiguration object named ${goQuote(name)}`;
    return this.#options.api.get(priorityLevelConfiguration, name) === undefined
      ? { status: 'True', reason: 'NotFound', message: `${references} but there is no such object` }
      : { status: 'False', reason: 'Found', message: `${references} and it exists` };
  }
}

function isToldTruly({ status: told }: FlowSchema, { status, reason, message }: FlowSchemaCondition): boolean {
  const condition = told?.conditions?.find(({ type }) => type === DANGLING);
  return condition?.status === status && condition?.reason === reason && condition?.message === message;
}
