/**
 * An APIService for each group and version that definitions serve. Mirrors kube-apiserver's crd-autoregister and autoregister
 * controllers. Left out: those that are registered as the server starts are written once, when a cluster is made.
 */
import { apiService } from '../../kinds/api-service.js';
import { customResourceDefinition } from '../../kinds/custom-resource-definition.js';
import type { Simulation } from '../../kernel/simulation.js';
import { WorkQueue } from '../../kernel/work-queue.js';
import type { CustomResourceDefinition } from '../../machinery/api/apiextensions-v1.js';
import type { APIService } from '../../machinery/api/apiregistration-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import type { ApiCall, Outcome, ResourceApi } from '../../machinery/resource-api.port.js';
import { ALL_POWERFUL_GROUP, type UserInfo } from '../../machinery/user.js';

const LABEL = 'kube-aggregator.kubernetes.io/automanaged';
const ALWAYS = 'true';
const USER: UserInfo = Object.freeze({ username: 'system:apiserver', groups: [ALL_POWERFUL_GROUP] });
/** Groups of definitions come after built-in ones; their versions are sorted by their names. */
const PRIORITIES = Object.freeze({ groupPriorityMinimum: 1_000, versionPriority: 100 });

export class DefinitionRegistration {
  readonly #api: ResourceApi;
  readonly #queue: WorkQueue;
  /** By the name of an APIService: the definitions that serve its group and version. */
  readonly #serving = new Map<string, Set<string>>();

  constructor(api: ResourceApi, simulation: Simulation) {
    this.#api = api;
    this.#queue = new WorkQueue(simulation, (name) => this.#work(name));
  }

  start(): void {
    for (const each of this.#api.list(customResourceDefinition)) this.#note(undefined, each);
    for (const { metadata } of this.#api.list(apiService)) this.#check(metadata.name);
    for (const name of this.#serving.keys()) this.#check(name);
    this.#api.subscribe(customResourceDefinition, ({ type, object, previous }) => {
      this.#note(previous, type === 'deleted' ? undefined : object);
      const names = [...namesOf(previous), ...namesOf(object)];
      for (const name of names) this.#check(name);
    });
    this.#api.subscribe(apiService, ({ object }) => this.#check(object.metadata.name));
  }

  #note(old: CustomResourceDefinition | undefined, next: CustomResourceDefinition | undefined): void {
    for (const name of namesOf(old)) {
      const serving = this.#serving.get(name);
      serving?.delete(old?.metadata.name ?? '');
      if (serving?.size === 0) this.#serving.delete(name);
    }
    for (const name of namesOf(next)) {
      const serving = this.#serving.get(name) ?? new Set();
      this.#serving.set(name, serving.add(next?.metadata.name ?? ''));
    }
  }

  /** Only what there is something to do for is worked on: a cluster that is loaded again does nothing. */
  #check(name: string): void {
    if (this.#missing(name) !== undefined) this.#queue.add(name);
  }

  #work(name: string): void {
    const call = this.#missing(name);
    if (call === undefined) return this.#queue.forget(name);
    this.#api.call(call, ({ error }: Outcome<APIService>) => {
      // Whatever changed in the meantime brings it back by itself.
      const isPast = error === undefined || [404, 409].includes(error.code);
      if (isPast) this.#queue.forget(name);
      else this.#queue.addRateLimited(name);
    });
  }

  /** The write that makes an APIService what it should be; `undefined` where it is, or is somebody else's. */
  #missing(name: string): ApiCall<APIService> | undefined {
    const common = { user: USER, fieldManager: 'kube-apiserver', kind: apiService } as const;
    const current = this.#api.get(apiService, name);
    const spec = this.#serving.has(name) ? specOf(name) : undefined;
    if (current === undefined) {
      if (spec === undefined) return undefined;
      const object = { metadata: { name, labels: { [LABEL]: ALWAYS } }, spec };
      return { ...common, verb: 'create', namespace: undefined, object };
    }
    const { metadata } = current;
    if (metadata.labels?.[LABEL] !== ALWAYS) return undefined;
    if (spec === undefined) {
      const preconditions = metadata.uid === undefined ? {} : { uid: metadata.uid };
      return { ...common, verb: 'delete', key: name, options: { preconditions } };
    }
    return deepEqual(current.spec, spec) ? undefined : { ...common, verb: 'update', object: { ...current, spec } };
  }
}

/** Of the APIServices for what a definition serves. */
const namesOf = (definition: CustomResourceDefinition | undefined): readonly string[] =>
  definition?.spec.versions.filter(({ served }) => served).map(({ name }) => `${name}.${definition.spec.group}`) ?? [];

function specOf(name: string): NonNullable<APIService['spec']> {
  const dot = name.indexOf('.');
  return { group: name.slice(dot + 1), version: name.slice(0, dot), ...PRIORITIES };
}
