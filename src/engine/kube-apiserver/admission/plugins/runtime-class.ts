import { pod } from '../../../kinds/pod.js';
import { runtimeClass } from '../../../kinds/runtime-class.js';
import type { Pod, Toleration } from '../../../machinery/api/core-v1.js';
import type { RuntimeClass, Scheduling } from '../../../machinery/api/node-v1.js';
import { deepEqual } from '../../../machinery/equality.js';
import type { Draft } from '../../../machinery/object.js';
import { deepClone } from '../../../machinery/structure.js';
import type { ResourceReader } from '../../../machinery/resource-reader.port.js';
import { defineAdmissionPlugin, objectOf, type AdmissionAttributes } from '../admission.js';
import { admissionForbidden } from '../admission-forbidden.js';

const OTHER_OVERHEAD = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";

/** Gives a pod the overhead, the node selector and the tolerations of its runtime class. */
export const runtimeClassAdmission = defineAdmissionPlugin({
  name: 'RuntimeClass',
  operations: ['CREATE'],
  resources: ['pods'],

  admit(attributes, { reader }) {
    if (attributes.subresource !== undefined) return undefined;
    const draft = objectOf(pod, attributes);
    const found = classOf(draft, attributes, reader);
    const fixed = found?.overhead?.podFixed;
    if (found?.overhead !== undefined) {
      const given = draft.spec.overhead ?? {};
      if (Object.keys(given).length > 0 && !deepEqual(given, fixed)) {
        throw admissionForbidden(attributes, OTHER_OVERHEAD);
      }
      if (fixed === undefined) delete draft.spec.overhead;
      else draft.spec.overhead = { ...fixed };
    }
    if (found?.scheduling !== undefined) setScheduling(draft, found.scheduling, attributes);
    return undefined;
  },

  validate(attributes, { reader }) {
    if (attributes.subresource !== undefined) return undefined;
    const draft = objectOf(pod, attributes);
    const found = classOf(draft, attributes, reader);
    const { overhead } = draft.spec;
    if (found?.overhead !== undefined) {
      if (!deepEqual(found.overhead.podFixed ?? {}, overhead ?? {}))
        throw admissionForbidden(attributes, OTHER_OVERHEAD);
    } else if (overhead !== undefined) {
      const fault = 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead';
      throw admissionForbidden(attributes, fault);
    }
    return undefined;
  },
});

function classOf(
  { spec: { runtimeClassName } }: Draft<Pod>,
  attributes: AdmissionAttributes,
  reader: ResourceReader,
): RuntimeClass | undefined {
  if (runtimeClassName === undefined) return undefined;
  const found = reader.get(runtimeClass, runtimeClassName);
  if (found === undefined) {
    throw admissionForbidden(attributes, `pod rejected: RuntimeClass "${runtimeClassName}" not found`);
  }
  return found;
}

function setScheduling({ spec }: Draft<Pod>, scheduling: Scheduling, attributes: AdmissionAttributes): void {
  const { nodeSelector = {}, tolerations = [] } = scheduling;
  for (const [key, value] of Object.entries(nodeSelector)) {
    const given = spec.nodeSelector?.[key];
    if (given === undefined || given === value) continue;
    const fault = `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${given}`;
    throw admissionForbidden(attributes, fault);
  }
  if (spec.nodeSelector !== undefined || Object.keys(nodeSelector).length > 0) {
    spec.nodeSelector = { ...spec.nodeSelector, ...nodeSelector };
  }
  const merged = mergedTolerations([...(spec.tolerations ?? []), ...deepClone(tolerations)]);
  if (merged.length > 0) spec.tolerations = merged;
}

/** Without those that another one includes. */
function mergedTolerations(all: readonly Draft<Toleration>[]): Draft<Toleration>[] {
  const merged: Draft<Toleration>[] = [];
  for (const [index, each] of all.entries()) {
    if (merged.some((other) => includes(other, each))) continue;
    if (all.slice(index + 1).some((other) => !deepEqual(other, each) && includes(other, each))) continue;
    merged.push(each);
  }
  return merged;
}

function includes(wide: Draft<Toleration>, narrow: Draft<Toleration>): boolean {
  if (deepEqual(wide, narrow)) return true;
  const isForAll = (wide.key ?? '') === '' && wide.operator === 'Exists';
  if ((narrow.key ?? '') !== (wide.key ?? '') && !isForAll) return false;
  if ((narrow.effect ?? '') !== (wide.effect ?? '') && (wide.effect ?? '') !== '') return false;
  if (wide.effect === 'NoExecute' && wide.tolerationSeconds !== undefined) {
    if (narrow.tolerationSeconds === undefined || narrow.tolerationSeconds > wide.tolerationSeconds) return false;
  }
  if (wide.operator === 'Exists') return true;
  return narrow.operator === 'Equal' && (narrow.value ?? '') === (wide.value ?? '');
}
