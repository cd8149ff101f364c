import { type Instant, timestamp } from '../../kernel/clock.js';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionCondition,
} from '../../machinery/api/apiextensions-v1.js';

type Condition = Pick<CustomResourceDefinitionCondition, 'type' | 'status'> & {
  readonly reason: string;
  readonly message: string;
};

export const conditionOf = (
  { status }: CustomResourceDefinition,
  type: string,
): CustomResourceDefinitionCondition | undefined => status?.conditions?.find((each) => each.type === type);

export const isConditionTrue = (definition: CustomResourceDefinition, type: string): boolean =>
  conditionOf(definition, type)?.status === 'True';

/** The definition with a condition; the time changes only where the status does. */
export function withCondition(
  definition: CustomResourceDefinition,
  condition: Condition,
  now: Instant,
): CustomResourceDefinition {
  const conditions = definition.status?.conditions ?? [];
  const old = conditions.find(({ type }) => type === condition.type);
  const { type, status, reason, message } = condition;
  const isSame = old?.status === status && typeof old.lastTransitionTime === 'string';
  const lastTransitionTime = isSame ? old.lastTransitionTime : timestamp(now);
  const next = { type, status, lastTransitionTime, reason, message };
  const all = old === undefined ? conditions.concat(next) : conditions.map((each) => (each === old ? next : each));
  return { ...definition, status: { ...definition.status, conditions: all } };
}
