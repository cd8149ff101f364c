/** What objects use of a namespace's quotas, and which quotas are about them. Mirrors upstream's quota evaluators. */
import type { Instant } from '../../kernel/clock.js';
import type { ScopedResourceSelectorRequirement } from '../../machinery/api/core-v1.js';
import type { Kind } from '../../machinery/kind.js';
import type { KubeObject } from '../../machinery/object.js';
import { quantityOf } from '../../machinery/quantity.js';
import type { Quantities } from '../shared/pod-totals.js';
import { claimEvaluator } from './claim-evaluator.js';
import { deviceClaimEvaluator } from './device-claim-evaluator.js';
import { podEvaluator } from './pod-evaluator.js';
import { serviceEvaluator } from './service-evaluator.js';

export interface QuotaWrite {
  readonly operation: 'CREATE' | 'UPDATE';
  readonly subresource: string | undefined;
  readonly object: KubeObject;
  readonly old: KubeObject | undefined;
}

export interface QuotaEvaluator {
  /** Whether a write can change what is used. */
  handles(write: QuotaWrite): boolean;
  /** Of the names of resources, those that are about this kind. */
  matching(names: readonly string[]): readonly string[];
  isInScope(selector: ScopedResourceSelectorRequirement, object: KubeObject): boolean;
  usage(object: KubeObject, now: Instant): Quantities;
  /** What the object would have to say and does not, in upstream's words. */
  fault?(required: readonly string[], object: KubeObject): string | undefined;
  /** Whether a stored change may free what was used; deletion always may. */
  frees?(object: KubeObject, former: KubeObject): boolean;
}

const ONE = quantityOf(1);

/** Names under which simple counts were known before `count/…`. */
const ALIASES: readonly string[] = ['configmaps', 'resourcequotas', 'replicationcontrollers', 'secrets'];
const IGNORED: ReadonlySet<string> = new Set(['componentstatuses', 'events', 'events.events.k8s.io']);

const countName = ({ group, plural }: Kind): string => (group === '' ? `count/${plural}` : `count/${plural}.${group}`);

/** `undefined` for kinds that no quota is about. */
export function quotaEvaluator(kind: Kind): QuotaEvaluator | undefined {
  if (kind.scope !== 'Namespaced' || !kind.verbs.includes('create')) return undefined;
  const resource = kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`;
  if (IGNORED.has(resource) || kind.isVirtual === true) return undefined;
  switch (resource) {
    case 'pods':
      return podEvaluator;
    case 'services':
      return serviceEvaluator;
    case 'persistentvolumeclaims':
      return claimEvaluator;
    case 'resourceclaims.resource.k8s.io':
      return deviceClaimEvaluator;
    default:
      return counter(ALIASES.includes(resource) ? [countName(kind), resource] : [countName(kind)]);
  }
}

/** Counts objects and nothing else. */
const counter = (names: readonly string[]): QuotaEvaluator => ({
  handles: ({ operation, subresource }) => operation === 'CREATE' && subresource === undefined,
  matching: (some) => some.filter((name) => names.includes(name)),
  isInScope: () => false,
  usage: () => Object.fromEntries(names.map((name) => [name, ONE])),
});
