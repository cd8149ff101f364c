import { quotaEvaluator, type QuotaEvaluator, type QuotaWrite } from '../../../kinds/quota-spec/quota-evaluator.js';
import {
  excessOf,
  exceeding,
  isInScopes,
  listed,
  masked,
  sumOf,
  textsOf,
  withoutZeros,
} from '../../../kinds/quota-spec/quota-usage.js';
import { resourceQuota } from '../../../kinds/resource-quota.js';
import { quantitiesOf, type Quantities } from '../../../kinds/shared/pod-totals.js';
import type { ResourceQuota } from '../../../machinery/api/core-v1.js';
import { admissionForbidden } from '../admission-forbidden.js';
import { defineAdmissionPlugin, type AdmissionAttributes, type AdmissionContext } from '../admission.js';

/** A quota and what it will have used after the write. */
interface Charge {
  readonly quota: ResourceQuota;
  readonly used: Quantities;
}

/**
 * Refuses what would use more than the quotas of its namespace allow, and charges them with the rest: the last of all
 * plugins, so that nothing is charged that another refuses. What is freed is taken back by the quota controller.
 */
export const resourceQuotaAdmission = defineAdmissionPlugin({
  name: 'ResourceQuota',
  operations: ['CREATE', 'UPDATE'],

  validate(attributes, context, { statuses }) {
    const { kind, namespace, operation, subresource, object, old, isDryRun } = attributes;
    if (namespace === undefined || object === undefined || kind.scope !== 'Namespaced') return undefined;
    const quotas = context.reader.list(resourceQuota, namespace);
    if (quotas.length === 0) return undefined;
    const evaluator = quotaEvaluator(kind);
    const write = { operation, subresource, object, old } as QuotaWrite;
    if (evaluator?.handles(write) !== true) return undefined;
    const charges = quotas.flatMap((quota) => chargeOf(evaluator, quota, { attributes, context, write }) ?? []);
    if (isDryRun) return undefined;
    for (const { quota, used } of charges) {
      statuses.write(resourceQuota, quota, { ...quota.status, used: textsOf(used) });
    }
    return undefined;
  },
});

interface Question {
  readonly attributes: AdmissionAttributes;
  readonly context: AdmissionContext;
  readonly write: QuotaWrite;
}

/** @throws StatusError 403 where the quota does not allow the write */
function chargeOf(evaluator: QuotaEvaluator, quota: ResourceQuota, question: Question): Charge | undefined {
  const { attributes, context, write } = question;
  const { name } = quota.metadata;
  const hard = quantitiesOf(quota.status?.hard);
  const used = quantitiesOf(quota.status?.used);
  const names = evaluator.matching(Object.keys(hard));
  if (names.length === 0 || !isInScopes(evaluator, quota, write.object)) return undefined;
  const fault = evaluator.fault?.(names, write.object);
  if (fault !== undefined) throw admissionForbidden(attributes, `failed quota: ${name}: ${fault}`);
  if (names.some((each) => used[each] === undefined)) {
    const resources = names.toSorted().join(',');
    throw admissionForbidden(attributes, `status unknown for quota: ${name}, resources: ${resources}`);
  }
  const { now } = context.simulation;
  const usage = evaluator.usage(write.object, now);
  const { old } = write;
  const isCounted = write.operation === 'UPDATE' && old !== undefined && isInScopes(evaluator, quota, old);
  const added = isCounted ? excessOf(usage, evaluator.usage(old, now)) : usage;
  const requested = masked(withoutZeros(added), Object.keys(hard));
  if (Object.keys(requested).length === 0) return undefined;
  const next = sumOf(used, requested);
  const exceeded = write.subresource === 'status' ? [] : exceeding(masked(next, Object.keys(requested)), hard);
  if (exceeded.length > 0) {
    const parts = [
      `requested: ${listed(masked(requested, exceeded))}`,
      `used: ${listed(masked(used, exceeded))}`,
      `limited: ${listed(masked(hard, exceeded))}`,
    ];
    throw admissionForbidden(attributes, `exceeded quota: ${name}, ${parts.join(', ')}`);
  }
  return { quota, used: next };
}
