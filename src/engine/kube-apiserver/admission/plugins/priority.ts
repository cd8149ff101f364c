import { pod } from '../../../kinds/pod.js';
import { defaultPriorityClasses, priorityClass } from '../../../kinds/priority-class.js';
import type { Pod } from '../../../machinery/api/core-v1.js';
import type { PriorityClass } from '../../../machinery/api/scheduling-v1.js';
import type { Draft } from '../../../machinery/object.js';
import type { ResourceReader } from '../../../machinery/resource-reader.port.js';
import { defineAdmissionPlugin, objectOf, type AdmissionAttributes } from '../admission.js';
import { admissionForbidden } from '../admission-forbidden.js';

const SYSTEM_CLASSES = ['system-node-critical', 'system-cluster-critical'];
const COMPUTED = 'priority admission controller computed';

/** Turns the name of a pod's priority class into a number, and keeps the default class unique. */
export const priority = defineAdmissionPlugin({
  name: 'Priority',
  operations: ['CREATE', 'UPDATE', 'DELETE'],
  resources: ['pods', 'scheduling.k8s.io/priorityclasses'],

  admit(attributes, { reader }) {
    if (attributes.operation === 'DELETE') return undefined;
    if (attributes.subresource !== undefined || attributes.kind.plural !== 'pods') return undefined;
    const draft = objectOf(pod, attributes);
    if (attributes.old !== undefined) keepPriority(draft, attributes.old as Pod);
    else setPriority(draft, attributes, reader);
    return undefined;
  },

  validate(attributes, { reader }) {
    if (attributes.kind.plural !== 'priorityclasses') return undefined;
    if (attributes.operation === 'DELETE') {
      if (!SYSTEM_CLASSES.includes(attributes.name)) return undefined;
      throw admissionForbidden(attributes, 'this is a system priority class and cannot be deleted');
    }
    const draft = objectOf(priorityClass, attributes);
    if (draft.globalDefault !== true) return undefined;
    const current = defaultClass(reader);
    if (current === undefined || current.metadata.name === attributes.old?.metadata.name) return undefined;
    throw admissionForbidden(
      attributes,
      `PriorityClass ${current.metadata.name} is already marked as default. Only one default can exist`,
    );
  },
});

function keepPriority({ spec }: Draft<Pod>, { spec: old }: Pod): void {
  if (spec.priority === undefined && old.priority !== undefined) spec.priority = old.priority;
  if (spec.preemptionPolicy === undefined && old.preemptionPolicy !== undefined) {
    spec.preemptionPolicy = old.preemptionPolicy;
  }
}

function setPriority({ spec }: Draft<Pod>, attributes: AdmissionAttributes, reader: ResourceReader): void {
  const { priorityClassName: name = '' } = spec;
  const named = name === '' ? defaultClass(reader) : reader.get(priorityClass, name);
  if (name !== '' && named === undefined) {
    throw admissionForbidden(attributes, `no PriorityClass with name ${name} was found`);
  }
  if (name === '' && named !== undefined) spec.priorityClassName = named.metadata.name;
  const value = named?.value ?? 0;
  if (spec.priority !== undefined && spec.priority !== value) {
    throw admissionForbidden(
      attributes,
      `the integer value of priority (${spec.priority}) must not be provided in pod spec; ${COMPUTED} ${value} from the given PriorityClass name`,
    );
  }
  spec.priority = value;
  const policy = named === undefined ? 'PreemptLowerPriority' : named.preemptionPolicy;
  if (policy === undefined) return;
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy) {
    throw admissionForbidden(
      attributes,
      `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; ${COMPUTED} ${policy} from the given PriorityClass name`,
    );
  }
  spec.preemptionPolicy = policy;
}

/** The lowest, should there ever be two. */
function defaultClass(reader: ResourceReader): PriorityClass | undefined {
  return reader
    .indexed(priorityClass, defaultPriorityClasses, 'default')
    .reduce<PriorityClass | undefined>(
      (lowest, each) => (lowest === undefined || lowest.value > each.value ? each : lowest),
      undefined,
    );
}
