/**
 * What apiextensions' own controllers do with a definition: accept its names, establish it, and when it is deleted, remove its
 * instances before it goes. Left out: polling, for events tell when the last instance is gone.
 */
import { customResourceDefinition } from '../../kinds/custom-resource-definition.js';
import { instant } from '../../kernel/clock.js';
import type { Simulation } from '../../kernel/simulation.js';
import { WorkQueue } from '../../kernel/work-queue.js';
import type { CustomResourceDefinition } from '../../machinery/api/apiextensions-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import type { Kind } from '../../machinery/kind.js';
import { keyOf } from '../../machinery/object.js';
import type { Outcome, ResourceApi, Subscription } from '../../machinery/resource-api.port.js';
import { ALL_POWERFUL_GROUP, type UserInfo } from '../../machinery/user.js';
import { withApproval } from './definition-approval.js';
import { isConditionTrue, withCondition } from './definition-conditions.js';
import { withAcceptedNames } from './definition-names.js';
import type { Definitions } from './definitions.js';

const FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';
const USER: UserInfo = Object.freeze({ username: 'system:apiserver', groups: [ALL_POWERFUL_GROUP] });
/** When is of no matter to whether. */
const EPOCH = instant(0);
const FIELD_MANAGER = 'kube-apiserver';

interface DefinitionControllerOptions {
  readonly api: ResourceApi;
  readonly simulation: Simulation;
  readonly definitions: Definitions;
}

export class DefinitionController {
  readonly #options: DefinitionControllerOptions;
  readonly #queue: WorkQueue;
  /** By definition: the watches of instances that are still to go. */
  readonly #emptying = new Map<string, Subscription>();

  constructor(options: DefinitionControllerOptions) {
    this.#options = options;
    this.#queue = new WorkQueue(options.simulation, (name) => this.#work(name));
  }

  start(): void {
    const { api } = this.#options;
    // What is settled already needs no look: a cluster that is loaded again has nothing to do.
    for (const each of api.list(customResourceDefinition)) if (!isSettled(each)) this.#queue.add(each.metadata.name);
    api.subscribe(customResourceDefinition, ({ type, object }) => {
      if (type === 'deleted') this.#gone(object);
      else if (!isSettled(object)) this.#queue.add(object.metadata.name);
    });
  }

  #work(name: string): void {
    const { api, simulation } = this.#options;
    const definition = api.get(customResourceDefinition, name);
    if (definition === undefined) return this.#queue.forget(name);
    const { now } = simulation;
    const named = withAcceptedNames(definition, api.list(customResourceDefinition), now);
    if (named !== undefined) {
      this.#update(named, 'status');
      return this.#reconsiderGroup(definition);
    }
    const approved = withApproval(definition, now);
    if (approved !== undefined) return this.#update(approved, 'status');
    if (isConditionTrue(definition, 'NamesAccepted') && !isConditionTrue(definition, 'Established')) {
      return this.#establish(definition);
    }
    if (isEnding(definition)) this.#end(definition);
  }

  #establish(definition: CustomResourceDefinition): void {
    const condition = {
      type: 'Established',
      status: 'True',
      reason: 'InitialNamesAccepted',
      message: 'the initial names have been accepted',
    } as const;
    this.#update(withCondition(definition, condition, this.#options.simulation.now), 'status');
  }

  /** A name may have become free, or been taken. */
  #reconsiderGroup({ metadata, spec }: CustomResourceDefinition): void {
    for (const each of this.#options.api.list(customResourceDefinition)) {
      const isOther = each.metadata.name !== metadata.name && each.spec.group === spec.group;
      if (isOther && !hasItsNames(each)) this.#queue.add(each.metadata.name);
    }
  }

  #gone(definition: CustomResourceDefinition): void {
    this.#stopEmptying(definition.metadata.name);
    this.#queue.forget(definition.metadata.name);
    this.#reconsiderGroup(definition);
  }

  #end(definition: CustomResourceDefinition): void {
    const { definitions, simulation } = this.#options;
    const { name } = definition.metadata;
    const progress = {
      type: 'Terminating',
      status: 'True',
      reason: 'InstanceDeletionInProgress',
      message: 'CustomResource deletion is in progress',
    } as const;
    const marked = withCondition(definition, progress, simulation.now);
    if (!deepEqual(marked.status, definition.status)) return this.#update(marked, 'status');
    const kind = definitions.storageKind(name);
    if (kind === undefined) return this.#finish(definition, 'NeverEstablished', 'resource was never established');
    this.#deleteInstances(kind, name);
    if (this.#options.api.list(kind).length > 0) return;
    this.#stopEmptying(name);
    this.#finish(definition, 'InstanceDeletionCompleted', 'removed all instances');
  }

  #deleteInstances(kind: Kind, name: string): void {
    const { api } = this.#options;
    if (this.#emptying.has(name)) return;
    const again = (): void => this.#queue.add(name);
    this.#emptying.set(name, api.subscribe(kind, again));
    for (const object of api.list(kind)) {
      if (object.metadata.deletionTimestamp !== undefined) continue;
      const call = { verb: 'delete', user: USER, fieldManager: FIELD_MANAGER, kind, key: keyOf(object) } as const;
      api.call(call, ({ error }) => {
        if (error === undefined || error.code === 404) return;
        this.#stopEmptying(name);
        this.#queue.addRateLimited(name);
      });
    }
  }

  #finish(definition: CustomResourceDefinition, reason: string, message: string): void {
    const condition = { type: 'Terminating', status: 'False', reason, message } as const;
    const told = withCondition(definition, condition, this.#options.simulation.now);
    const finalizers = (definition.metadata.finalizers ?? []).filter((each) => each !== FINALIZER);
    this.#update({ ...told, metadata: { ...told.metadata, finalizers } });
  }

  #stopEmptying(name: string): void {
    this.#emptying.get(name)?.cancel();
    this.#emptying.delete(name);
  }

  /** Whatever stands in the way, a later look finds out: a change of the definition brings it back at once. */
  #update(object: CustomResourceDefinition, subresource?: 'status'): void {
    const { api } = this.#options;
    const { name } = object.metadata;
    const call = {
      verb: 'update',
      user: USER,
      fieldManager: FIELD_MANAGER,
      kind: customResourceDefinition,
      object,
    } as const;
    const done = ({ error }: Outcome): void => {
      if (error === undefined) this.#queue.forget(name);
      else if (error.code !== 404) this.#queue.addRateLimited(name);
    };
    api.call(subresource === undefined ? call : { ...call, subresource }, done);
  }
}

const hasItsNames = ({ spec, status }: CustomResourceDefinition): boolean =>
  deepEqual(spec.names, status?.acceptedNames);

const isEnding = ({ metadata }: CustomResourceDefinition): boolean =>
  metadata.deletionTimestamp !== undefined && metadata.finalizers?.includes(FINALIZER) === true;

/** Whether there is nothing to do for a definition, as far as it alone can tell. */
function isSettled(definition: CustomResourceDefinition): boolean {
  if (isEnding(definition) || !hasItsNames(definition)) return false;
  return isConditionTrue(definition, 'Established') && withApproval(definition, EPOCH) === undefined;
}
