/** Whether the rules of a schema compile, and what they may cost: the CEL part of `ValidateCustomResourceDefinitionOpenAPISchema`. */
import type { JSONSchemaProps, ValidationRule } from '../../machinery/api/apiextensions-v1.js';
import { COST_MAX } from '../../machinery/cel/cost-estimate.js';
import { cardinalityMax, checkRule, type CheckedRule } from '../../machinery/cel/schema/rule-programs.js';
import { schemaType, type SchemaType } from '../../machinery/cel/schema/schema-type.js';
import { forbidden, invalid, type FieldError } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { additionalOf, itemsOf, sortedEntries } from './structural-rules.js';

/** Upstream's `StaticEstimatedCostLimit` and `StaticEstimatedCRDCostLimit`. */
const RULE_COST_MAX = 10_000_000;
const DEFINITION_COST_MAX = 100_000_000;
/** The costliest rules that are named where all together cost too much. */
const NAMED_MAX = 4;
const HINT =
  '(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)';

interface Place {
  readonly isRoot: boolean;
  /** How many values of the schema there may be; `undefined` where nothing bounds them. */
  readonly cardinality: number | undefined;
  /** The highest schema around whose values have no counterpart in an older object. */
  readonly uncorrelated?: string;
}

/** `faulty`: errors of the schema itself; rules of schemas at and around them are not looked at. */
export function checkRuleExpressions(
  report: Report,
  path: string,
  schema: JSONSchemaProps,
  faulty: readonly FieldError[],
): void {
  const checks = new RuleChecks(report, faulty);
  checks.walk(path, schema, { isRoot: true, cardinality: 1 });
  checks.finish(path);
}

class RuleChecks {
  readonly #report: Report;
  readonly #faulty: readonly FieldError[];
  readonly #costliest: { readonly path: string; readonly cost: number }[] = [];
  #total = 0;

  constructor(report: Report, faulty: readonly FieldError[]) {
    this.#report = report;
    this.#faulty = faulty;
  }

  walk(path: string, schema: JSONSchemaProps, place: Place): void {
    const cardinality = place.cardinality === undefined ? undefined : multiplied(place.cardinality, elementsOf(schema));
    const inner: Place = { ...place, isRoot: false, cardinality };
    const ofAtomic = (isCorrelated: boolean): Place =>
      isCorrelated || inner.uncorrelated !== undefined ? inner : { ...inner, uncorrelated: path };
    const additional = additionalOf(schema);
    const isGranular = schema['x-kubernetes-map-type'] !== 'atomic';
    if (additional !== undefined) this.walk(`${path}.additionalProperties`, additional, ofAtomic(isGranular));
    for (const [name, each] of sortedEntries(schema.properties)) {
      this.walk(`${path}.properties[${name}]`, each, ofAtomic(isGranular));
    }
    const items = itemsOf(schema);
    if (items !== undefined) this.walk(`${path}.items`, items, ofAtomic(schema['x-kubernetes-list-type'] === 'map'));
    this.#check(path, schema, place);
  }

  finish(path: string): void {
    if (this.#total <= DEFINITION_COST_MAX) return;
    const detail = 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema';
    for (const { path: at } of this.#costliest) this.#report(forbidden(at, detail));
    const what = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema';
    this.#report(forbidden(path, costFault(what, this.#total, DEFINITION_COST_MAX)));
  }

  #check(path: string, schema: JSONSchemaProps, place: Place): void {
    const rules = schema['x-kubernetes-validations'] ?? [];
    if (rules.length === 0 || this.#faulty.some(({ field }) => field === path || field.startsWith(`${path}.`))) return;
    const type = schemaType(schema, place.isRoot || schema['x-kubernetes-embedded-resource'] === true);
    if (type === undefined) return;
    for (const [index, rule] of rules.entries()) {
      this.#rule(`${path}.x-kubernetes-validations[${index}]`, rule, { type, place });
    }
  }

  #rule(at: string, rule: ValidationRule, { type, place }: { readonly type: SchemaType; readonly place: Place }): void {
    const checked = checkRule(rule, type);
    const cost = multiplied(checked.rule?.costMax ?? 0, place.cardinality ?? cardinalityMax(type)) ?? COST_MAX;
    if (cost > RULE_COST_MAX)
      this.#report(forbidden(`${at}.rule`, costFault('estimated rule cost', cost, RULE_COST_MAX)));
    this.#observe(`${at}.rule`, cost);
    if (checked.fault !== undefined) this.#report(invalid(`${at}.rule`, internalRule(rule), checked.fault));
    this.#message(at, rule, checked);
    if (checked.usesOldSelf) {
      if (place.uncorrelated === undefined) return;
      const detail = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${place.uncorrelated}`;
      this.#report(invalid(`${at}.rule`, rule.rule, detail));
    } else if (rule.optionalOldSelf !== undefined) {
      const detail = 'may not be set if oldSelf is not used in rule';
      this.#report(invalid(`${at}.optionalOldSelf`, rule.optionalOldSelf, detail));
    }
  }

  #message(at: string, rule: ValidationRule, { message, messageFault }: CheckedRule): void {
    const path = `${at}.messageExpression`;
    if (messageFault !== undefined) this.#report(invalid(path, internalRule(rule), messageFault));
    if (message === undefined) return;
    if (message.costMax > RULE_COST_MAX) {
      this.#report(forbidden(path, costFault('estimated messageExpression cost', message.costMax, RULE_COST_MAX)));
    }
    this.#observe(path, message.costMax);
  }

  #observe(path: string, cost: number): void {
    this.#total = Math.min(this.#total + cost, COST_MAX);
    if (cost < DEFINITION_COST_MAX / 100) return;
    this.#costliest.push({ path, cost });
    this.#costliest.sort((left, right) => right.cost - left.cost);
    this.#costliest.splice(NAMED_MAX);
  }
}

const multiplied = (value: number, factor: number | undefined): number | undefined =>
  factor === undefined ? undefined : Math.min(value * factor, COST_MAX);

/** How many values below one of a schema; `undefined` where nothing bounds them. */
function elementsOf({ type, additionalProperties, maxProperties, maxItems }: JSONSchemaProps): number | undefined {
  if (type === 'array') return maxItems;
  return type === 'object' && additionalProperties !== undefined ? maxProperties : 1;
}

function costFault(what: string, cost: number, limit: number): string {
  const factor = cost / limit;
  const text = factor > 100 ? 'more than 100x' : factor < 1.5 ? `${factor.toFixed(6)}x` : `${factor.toFixed(1)}x`;
  return `${what} exceeds budget by factor of ${text} ${HINT}`;
}

/** As upstream's internal type prints. */
const internalRule = ({
  rule,
  message,
  messageExpression,
  reason,
  fieldPath,
  optionalOldSelf,
}: ValidationRule): object => ({
  Rule: rule,
  Message: message ?? '',
  MessageExpression: messageExpression ?? '',
  Reason: reason ?? null,
  FieldPath: fieldPath ?? '',
  OptionalOldSelf: optionalOldSelf ?? null,
});
