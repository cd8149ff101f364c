import type { Instant } from '../../kernel/clock.js';
import type { CustomResourceDefinition } from '../../machinery/api/apiextensions-v1.js';
import { goQuote } from '../../machinery/go-text.js';
import { conditionOf, withCondition } from './definition-conditions.js';

const ANNOTATION = 'api-approved.kubernetes.io';
const TYPE = 'KubernetesAPIApprovalPolicyConformant';
const SEE = 'see https://github.com/kubernetes/enhancements/pull/1111';

/** Mirrors apiextensions' approval controller: what is to be said of groups of the community. `undefined` when nothing is. */
export function withApproval(definition: CustomResourceDefinition, now: Instant): CustomResourceDefinition | undefined {
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(definition.spec.group)) return undefined;
  const condition = { type: TYPE, ...approvalOf(definition.metadata.annotations?.[ANNOTATION] ?? '') } as const;
  const old = conditionOf(definition, TYPE);
  if (old?.status === condition.status && old.reason === condition.reason && old.message === condition.message) {
    return undefined;
  }
  return withCondition(definition, condition, now);
}

function approvalOf(text: string): { status: 'True' | 'False'; reason: string; message: string } {
  const rule = `protected groups must have approval annotation ${goQuote(ANNOTATION)}`;
  if (text === '') return { status: 'False', reason: 'MissingAnnotation', message: `${rule}, ${SEE}` };
  if (text.startsWith('unapproved')) {
    return { status: 'False', reason: 'UnapprovedAnnotation', message: `not approved: ${goQuote(text)}` };
  }
  if (/^[a-zA-Z][a-zA-Z0-9+.-]*:\/\/[^/?#\s]+/.test(text)) {
    return { status: 'True', reason: 'ApprovedAnnotation', message: `approved in ${text}` };
  }
  const message = `${rule} with either a URL or a reason starting with "unapproved", ${SEE}`;
  return { status: 'False', reason: 'InvalidAnnotation', message };
}
