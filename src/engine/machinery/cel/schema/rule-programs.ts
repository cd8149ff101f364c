/** Mirrors `compileRule`: the rules of one schema, compiled, with what they may cost. */
import type { JSONSchemaProps, ValidationRule } from '../../api/apiextensions-v1.js';
import { check, type Checked, type Variables } from '../checker.js';
import { estimateCost } from '../cost-estimate.js';
import { partsOf } from '../expression-parts.js';
import type { Expression } from '../expression.js';
import { issuesText } from '../issue.js';
import { parse } from '../parse.js';
import { optionalOf, type Type } from '../types.js';
import { REQUEST_BYTES_MAX, schemaBelow, type SchemaType } from './schema-type.js';

export interface CheckedText {
  readonly text: string;
  readonly expression: Expression;
  readonly checked: Checked;
  readonly costMax: number;
}

export interface CheckedRule {
  /** `undefined` where the rule does not compile; `fault` says why. */
  readonly rule: CheckedText | undefined;
  readonly fault: string | undefined;
  readonly message: CheckedText | undefined;
  readonly messageFault: string | undefined;
  readonly usesOldSelf: boolean;
}

/** How often a value of a schema may be in one request at most. */
export const cardinalityMax = ({ sizeMin }: SchemaType): number => Math.floor(REQUEST_BYTES_MAX / (sizeMin + 1));

export function checkRule(rule: ValidationRule, { type }: SchemaType): CheckedRule {
  const nothing = {
    rule: undefined,
    fault: undefined,
    message: undefined,
    messageFault: undefined,
    usesOldSelf: false,
  };
  if (rule.rule.trim() === '') return nothing;
  const variables = new Map<string, Type>([
    ['self', type],
    ['oldSelf', rule.optionalOldSelf === true ? optionalOf(type) : type],
  ]);
  const made = checkText(rule.rule, variables);
  if (typeof made === 'string') return { ...nothing, fault: `compilation failed: ${made}` };
  if (made.checked.type.kind !== 'bool') return { ...nothing, fault: 'cel expression must evaluate to a bool' };
  const usesOldSelf = names(made.expression).has('oldSelf');
  const base = { ...nothing, rule: made, usesOldSelf };
  const { messageExpression = '' } = rule;
  if (messageExpression === '') return base;
  const message = checkText(messageExpression, variables);
  if (typeof message === 'string') return { ...base, messageFault: `messageExpression compilation failed: ${message}` };
  if (message.checked.type.kind !== 'string') {
    return { ...base, messageFault: 'messageExpression must evaluate to a string' };
  }
  return { ...base, message };
}

function checkText(text: string, variables: Variables): CheckedText | string {
  const { expression, issues } = parse(text);
  if (expression === undefined) return issuesText(text, issues);
  const checked = check(expression, variables);
  if (checked.issues.length > 0) return issuesText(text, checked.issues);
  return { text, expression, checked, costMax: estimateCost(expression, checked) };
}

/** The variables that an expression names, whether a macro binds them or not. */
function names(expression: Expression, found = new Set<string>()): ReadonlySet<string> {
  if (expression.kind === 'identifier') found.add(expression.name);
  for (const part of partsOf(expression)) names(part, found);
  return found;
}

/** The schema that a rule's `fieldPath` leads to, and the path as errors write it; `undefined` for a path that leads nowhere. */
export function normalisedFieldPath(fieldPath: string, schema: JSONSchemaProps): string | undefined {
  const steps = stepsOf(fieldPath);
  let current: JSONSchemaProps | undefined = schema;
  let text = '';
  for (const step of steps ?? []) {
    const property: JSONSchemaProps | undefined = propertyOf(current, step.name);
    const next: JSONSchemaProps | undefined = property ?? schemaBelow(current.additionalProperties);
    if (next === undefined) return undefined;
    text += property === undefined ? `[${step.name}]` : `${text === '' ? '' : '.'}${step.name}`;
    current = next;
  }
  return steps === undefined ? undefined : text;
}

const propertyOf = ({ properties = {} }: JSONSchemaProps, name: string): JSONSchemaProps | undefined =>
  Object.hasOwn(properties, name) ? properties[name] : undefined;

interface PathStep {
  readonly name: string;
}

function stepsOf(path: string): readonly PathStep[] | undefined {
  const pattern = /\.([a-zA-Z_][\w]*)|\['((?:[^'\\]|\\.)+)'\]/gy;
  const steps: PathStep[] = [];
  let end = 0;
  for (const [part, plain, quoted] of path.matchAll(pattern)) {
    steps.push({ name: plain ?? (quoted ?? '').replace(/\\(.)/g, '$1') });
    end += part.length;
  }
  return steps.length === 0 || end !== path.length ? undefined : steps;
}
