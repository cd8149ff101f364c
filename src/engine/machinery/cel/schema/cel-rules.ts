/**
 * Mirrors `schema/cel/validation.go`: the rules of a schema and of all schemas below it, for one value. Left out: rules
 * below `allOf`, which no structural schema has.
 */
import type { JSONSchemaProps, ValidationRule } from '../../api/apiextensions-v1.js';
import type { Activation } from '../frame.js';
import { callContext, CALL_COST_MAX, Program } from '../program.js';
import { checkRule, normalisedFieldPath, type CheckedText } from './rule-programs.js';
import { schemaBelow, schemaType } from './schema-type.js';
import type { Type } from '../types.js';
import { CelError, CostExceeded } from '../values/cel-error.js';
import { fromJson } from '../values/json-value.js';
import { OptionalValue, type Value } from '../values/value.js';
import { OMITTED, duplicate, forbidden, invalid, required, type FieldError } from '../../field-error.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../structure.js';
import type { TextCodec } from '../../text-codec.port.js';
import type { Correlation } from '../../custom-schema/correlation.js';
import { Spending } from '../spending.js';

/** Upstream's `RuntimeCELCostBudget`. */
const OBJECT_COST_MAX = 10_000_000;
const MESSAGE_BYTES_MAX = 5 * 1_024;
const OUT_OF_BUDGET = 'validation failed due to running out of cost budget, no further validation rules will be run';

interface CompiledRule {
  readonly rule: ValidationRule;
  /** `undefined` where it does not compile: a definition could be older than the check. */
  readonly program: Program | undefined;
  readonly fault: string | undefined;
  readonly message: Program | undefined;
  readonly usesOldSelf: boolean;
  readonly fieldPath: string;
}

/** The schemas that have rules at or below them, as a tree. */
interface RuleNode {
  readonly type: Type;
  readonly schemaKind: string;
  readonly rules: readonly CompiledRule[];
  readonly properties: readonly (readonly [name: string, node: RuleNode])[];
  readonly additional: RuleNode | undefined;
  readonly items: RuleNode | undefined;
  readonly isAtomicMap: boolean;
}

/** What an object was before. */
export interface FormerValue {
  readonly value: JsonValue;
  readonly correlation: Correlation;
}

export interface RuleFindings {
  readonly errors: readonly FieldError[];
  /** What is wrong with what has not changed: no more than a warning. */
  readonly suffered: readonly FieldError[];
}

/** Compiles the rules of a schema once, and keeps them with it. */
export class CelRules {
  readonly #text: TextCodec;
  readonly #nodes = new WeakMap<JSONSchemaProps, { readonly node: RuleNode | undefined }>();

  constructor(text: TextCodec) {
    this.#text = text;
  }

  /** What is to be said of a whole object, in upstream's order and words. */
  validate(schema: JSONSchemaProps, value: JsonValue, former: FormerValue | undefined): RuleFindings {
    const { node } = this.#nodes.get(schema) ?? this.#compiled(schema);
    const walk = new RuleWalk();
    if (node === undefined) return walk;
    const correlation = former?.correlation;
    const isSame = correlation?.isUnchanged === true;
    walk.visit(node, { path: '', value, old: former?.value, correlation, isSame });
    return walk;
  }

  /** The errors of a new value of a schema that is not a whole object's: a default, say. */
  validateBelow(schema: JSONSchemaProps, value: JsonValue, path: string): readonly FieldError[] {
    const node = this.#node(schema, schema['x-kubernetes-embedded-resource'] === true);
    const walk = new RuleWalk();
    if (node !== undefined) walk.visit(node, { path, value, old: undefined, correlation: undefined, isSame: false });
    return walk.errors;
  }

  #compiled(schema: JSONSchemaProps): { readonly node: RuleNode | undefined } {
    const compiled = { node: this.#node(schema, true) };
    this.#nodes.set(schema, compiled);
    return compiled;
  }

  #node(schema: JSONSchemaProps, isRoot: boolean): RuleNode | undefined {
    const below = (each: JSONSchemaProps | undefined): RuleNode | undefined =>
      each && this.#node(each, each['x-kubernetes-embedded-resource'] === true);
    const properties = Object.entries(schema.properties ?? {})
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .flatMap(([name, each]) => {
        const node = below(each);
        return node === undefined ? [] : [[name, node] as const];
      });
    const [additional, items] = [schemaBelow(schema.additionalProperties), schemaBelow(schema.items)].map(below);
    const given = schema['x-kubernetes-validations'] ?? [];
    if (given.length === 0 && properties.length === 0 && additional === undefined && items === undefined)
      return undefined;
    const made = schemaType(schema, isRoot || schema['x-kubernetes-embedded-resource'] === true);
    const rules = made === undefined ? [] : given.map((rule) => this.#rule(rule, schema, checkRule(rule, made)));
    return {
      type: made?.type ?? { kind: 'dyn' },
      schemaKind: isRoot ? 'object' : (schema.type ?? ''),
      rules,
      properties,
      additional,
      items,
      isAtomicMap: schema['x-kubernetes-map-type'] === 'atomic',
    };
  }

  #rule(rule: ValidationRule, schema: JSONSchemaProps, checked: ReturnType<typeof checkRule>): CompiledRule {
    const program = (text: CheckedText | undefined): Program | undefined =>
      text && new Program(text.text, text.expression, text.checked, callContext(this.#text));
    const { fieldPath = '' } = rule;
    return {
      rule,
      program: program(checked.rule),
      fault: checked.fault,
      message: program(checked.message),
      usesOldSelf: checked.usesOldSelf,
      fieldPath: fieldPath === '' ? '' : (normalisedFieldPath(fieldPath, schema) ?? ''),
    };
  }
}

interface Visit {
  readonly path: string;
  readonly value: JsonValue;
  /** What stood here before, where that can be told. */
  readonly old: JsonValue | undefined;
  /** The same, by what its structure says of identity. */
  readonly correlation: Correlation | undefined;
  /** Whether this, or what it is in, is as it was: then what is wrong with it is suffered, with a warning. */
  readonly isSame: boolean;
}

/** One value on its way through the tree of rules. */
class RuleWalk implements RuleFindings {
  readonly errors: FieldError[] = [];
  readonly suffered: FieldError[] = [];
  readonly #spending = new Spending(OBJECT_COST_MAX);
  #isOver = false;

  visit(node: RuleNode, visit: Visit): void {
    const { value } = visit;
    if (this.#isOver || value === null || value === undefined) return;
    this.#rules(node, visit);
    if (Array.isArray(value)) this.#items(node, visit, value);
    else if (isJsonObject(value)) this.#properties(node, visit, value);
  }

  #properties(node: RuleNode, { path, old, correlation, isSame }: Visit, value: JsonObject): void {
    const former = isJsonObject(old) && !node.isAtomicMap ? old : undefined;
    const step = (name: string, at: string, child: RuleNode): void => {
      if (!Object.hasOwn(value, name)) return;
      const [now, before] = [
        value[name]!,
        former !== undefined && Object.hasOwn(former, name) ? former[name] : undefined,
      ];
      const below = correlation?.field(name);
      this.visit(child, {
        path: at,
        value: now,
        old: before,
        correlation: below,
        isSame: isSame || below?.isUnchanged === true,
      });
    };
    for (const [name, child] of node.properties) step(name, path === '' ? name : `${path}.${name}`, child);
    if (node.additional === undefined) return;
    for (const name of Object.keys(value)) step(name, `${path}[${name}]`, node.additional);
  }

  #items(node: RuleNode, { path, old, correlation, isSame }: Visit, value: readonly JsonValue[]): void {
    const { items } = node;
    if (items === undefined) return;
    for (const [index, item] of value.entries()) {
      const below = correlation?.item(index);
      const before = old === undefined ? undefined : below?.former;
      const same = isSame || below?.isUnchanged === true;
      this.visit(items, { path: `${path}[${index}]`, value: item, old: before, correlation: below, isSame: same });
    }
  }

  #rules(node: RuleNode, visit: Visit): void {
    if (node.rules.length === 0) return;
    const self = fromJson(visit.value, node.type);
    const former = visit.old === undefined || visit.old === null ? undefined : fromJson(visit.old, node.type);
    for (const each of node.rules) {
      if (this.#isOver) return;
      const { rule, program, fault, usesOldSelf } = each;
      if (fault !== undefined) this.#fail(node, visit, `rule compile error: ${fault}`);
      if (program === undefined || (usesOldSelf && former === undefined && rule.optionalOldSelf !== true)) continue;
      const oldSelf: Value | undefined = rule.optionalOldSelf === true ? new OptionalValue(former) : former;
      const activation: Activation = (name) => (name === 'self' ? self : name === 'oldSelf' ? oldSelf : undefined);
      const holds = this.#run(node, visit, { each, program, activation });
      if (holds !== false) continue;
      const found = visit.isSame && !usesOldSelf ? this.suffered : this.errors;
      found.push(this.#refusal(node, visit, { each, activation }));
    }
  }

  /** `undefined` where the rule could not be evaluated, which has been reported then. */
  #run(
    node: RuleNode,
    visit: Visit,
    {
      each: { rule },
      program,
      activation,
    }: { readonly each: CompiledRule; readonly program: Program; readonly activation: Activation },
  ): boolean | undefined {
    try {
      const { value, cost } = program.run(activation);
      if (this.#spending.take(cost)) return value === true;
      this.#over(node, visit, OUT_OF_BUDGET);
    } catch (error) {
      const text = ruleText(rule);
      if (error instanceof CostExceeded) {
        if (!this.#spending.take(error.cost)) this.#over(node, visit, OUT_OF_BUDGET);
        else {
          const why = `'${error.message}': no further validation rules will be run due to call cost exceeds limit for rule: ${text}`;
          this.#over(node, visit, why);
        }
      } else if (!(error instanceof CelError)) throw error;
      else if (error.message.startsWith('no such overload')) {
        const why = 'call arguments did not match a supported operator, function or macro signature for rule';
        this.#fail(node, visit, `'${error.message}': ${why}: ${text}`);
      } else this.#fail(node, visit, `${error.message} evaluating rule: ${text}`);
    }
    return undefined;
  }

  #refusal(
    { schemaKind }: RuleNode,
    { path, value }: Visit,
    { each, activation }: { readonly each: CompiledRule; readonly activation: Activation },
  ): FieldError {
    const { rule, message, fieldPath } = each;
    const detail = this.#message(message, activation) ?? ruleMessage(rule);
    const at =
      fieldPath === ''
        ? path
        : path === '' || fieldPath.startsWith('[')
          ? `${path}${fieldPath}`
          : `${path}.${fieldPath}`;
    const bad = schemaKind === 'object' || schemaKind === 'array' ? OMITTED : value;
    switch (rule.reason) {
      case 'FieldValueForbidden':
        return forbidden(at, detail);
      case 'FieldValueRequired':
        return required(at, detail);
      case 'FieldValueDuplicate':
        // The value is told, and what the rule says is not.
        return duplicate(at, bad);
      default:
        return invalid(at, bad, detail);
    }
  }

  #message(message: Program | undefined, activation: Activation): string | undefined {
    if (message === undefined) return undefined;
    try {
      const { value, cost } = message.run(activation, CALL_COST_MAX);
      if (!this.#spending.take(cost) || typeof value !== 'string') return undefined;
      const text = value.trim();
      return text === '' || text.length > MESSAGE_BYTES_MAX || text.includes('\n') ? undefined : text;
    } catch (error) {
      if (error instanceof CelError || error instanceof CostExceeded) return undefined;
      throw error;
    }
  }

  #fail({ schemaKind }: RuleNode, { path }: Visit, detail: string): void {
    this.errors.push(invalid(path, schemaKind, detail));
  }

  #over(node: RuleNode, visit: Visit, detail: string): void {
    this.#isOver = true;
    this.#fail(node, visit, detail);
  }
}

const ruleMessage = (rule: ValidationRule): string =>
  (rule.message ?? '') === '' ? `failed rule: ${ruleText(rule)}` : ruleText(rule);

/** As upstream names a rule in errors of its own. */
const ruleText = ({ rule, message = '' }: ValidationRule): string => (message === '' ? rule.trim() : message.trim());
