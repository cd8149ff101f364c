import { timestamp } from '../../kernel/clock.js';
import { binding as bindingKind } from '../../kinds/binding.js';
import { pod as podKind } from '../../kinds/pod.js';
import type { Binding, Pod, PodCondition } from '../../machinery/api/core-v1.js';
import { aggregateMessage, notSupported, required, type FieldError } from '../../machinery/field-error.js';
import { keyOf } from '../../machinery/object.js';
import { badRequest, conflict, notFound, unknownError } from '../../machinery/status-error.js';
import type { ServerParts } from '../server-parts.js';
import { preconditionFailed } from '../writes/precondition-failed.js';
import type { WriteScope } from '../writes/write-scope.js';
import { defineAction, DONE, type ActionCall, type ActionDone } from './action.js';

const OF_PODS = { group: '', resource: 'pods' };

/** Assigns a pod to a node, once and for all. Mirrors upstream's BindingREST, which goes past the pod strategy. */
export const binding = defineAction({
  resource: 'pods/binding',

  posts: bindingKind,
  keepsIdentity: true,

  run(parts, call, settle) {
    const body = call.body as Binding;
    if (body.metadata?.name !== nameOf(call.key)) throw badRequest('name in URL does not match name in Binding object');
    checkTarget(body);
    parts.admission.validate(call.attributes, call.scope, settle, () => settle({ value: bind(parts, call, body) }));
  },
});

function checkTarget({ target }: Binding): void {
  const errors: FieldError[] = [];
  const { kind = '', name = '' } = target ?? {};
  if (kind !== '' && kind !== 'Node') errors.push(notSupported('target.kind', kind, ['Node', '<empty>']));
  if (name === '') errors.push(required('target.name'));
  if (errors.length > 0) throw unknownError(aggregateMessage(errors));
}

function bind({ storage, simulation }: ServerParts, { key, scope }: ActionCall, body: Binding): ActionDone {
  const entry = storage.get(podKind, key);
  const name = nameOf(key);
  if (entry === undefined) throw notFound(OF_PODS, name);
  const pod = entry.object;
  checkPreconditions(scope, pod, body);
  const refusal = refusalOf(pod);
  if (refusal !== undefined) throw conflict({ group: '', resource: 'pods/binding' }, name, refusal);
  const object = boundPod(pod, body, timestamp(simulation.now));
  if (scope.isDryRun) return { body: DONE, status: 201, revision: storage.revision };
  const stored = storage.write(podKind, { object, expectedRevision: entry.modRevision });
  if (stored === undefined) throw conflict(OF_PODS, name);
  return { body: DONE, status: 201, revision: stored.modRevision };
}

function checkPreconditions({ isDryRun }: WriteScope, pod: Pod, { metadata }: Binding): void {
  const { uid = '', resourceVersion = '' } = metadata;
  const { uid: actual, resourceVersion: actualVersion } = pod.metadata;
  const refuse = (field: 'UID' | 'ResourceVersion', wanted: string, found: string | undefined): Error =>
    preconditionFailed({ kind: podKind, isDryRun }, keyOf(pod), { field, wanted, actual: found });
  if (uid !== '' && uid !== actual) throw refuse('UID', uid, actual);
  if (resourceVersion !== '' && resourceVersion !== actualVersion) {
    throw refuse('ResourceVersion', resourceVersion, actualVersion);
  }
}

function refusalOf({ metadata, spec }: Pod): string | undefined {
  if (metadata.deletionTimestamp !== undefined) {
    return `pod ${metadata.name} is being deleted, cannot be assigned to a host`;
  }
  if (spec.nodeName !== undefined && spec.nodeName !== '') {
    return `pod ${metadata.name} is already assigned to node "${spec.nodeName}"`;
  }
  if ((spec.schedulingGates?.length ?? 0) > 0) return `pod ${metadata.name} has non-empty .spec.schedulingGates`;
  return undefined;
}

function boundPod(pod: Pod, { metadata, target }: Binding, now: string): Pod {
  const { annotations, labels } = metadata;
  const { nominatedNodeName: _nomination, ...status } = pod.status ?? {};
  const conditions = withScheduled(status.conditions ?? [], now);
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      ...(annotations === undefined ? {} : { annotations: { ...pod.metadata.annotations, ...annotations } }),
      ...(labels === undefined ? {} : { labels: { ...pod.metadata.labels, ...labels } }),
    },
    spec: { ...pod.spec, nodeName: target.name ?? '' },
    status: { ...status, conditions },
  };
}

function withScheduled(conditions: readonly PodCondition[], now: string): readonly PodCondition[] {
  const current = conditions.find(({ type }) => type === 'PodScheduled');
  const scheduled: PodCondition = {
    type: 'PodScheduled',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: current?.status === 'True' ? (current.lastTransitionTime ?? now) : now,
  };
  if (current === undefined) return [...conditions, scheduled];
  return conditions.map((each) => (each === current ? scheduled : each));
}

const nameOf = (key: string): string => key.slice(key.indexOf('/') + 1);
