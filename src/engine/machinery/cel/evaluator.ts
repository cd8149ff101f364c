/** From a checked expression to a function that runs it: cel-go's semantics, errors and costs. */
import { qualified, typeNamed, type Checked } from './checker.js';
import { compileComprehension } from './comprehension.js';
import { Budget, callCost, LIST_COST, MAP_COST } from './cost.js';
import type { Bind, Call, Expression, Select } from './expression.js';
import { bound, isKey, outcome, rootFrame, type Frame, type Step } from './frame.js';
import type { Overload } from './library/function.js';
import { functions } from './library/registry.js';
import { typeText } from './types.js';
import { CelError } from './values/cel-error.js';
import { isOfType, runtimeType } from './values/kind-of.js';
import { ArrayList, ListValue } from './values/list-value.js';
import { EntryMap, MapValue } from './values/map-value.js';
import { OptionalValue, TypeValue, type Value } from './values/value.js';
import { workOf } from './work.js';

export function compile(expression: Expression, checked: Checked): Step {
  const step = compileAny(expression, checked);
  return isConstant(expression) ? folded(step) : step;
}

/** Functions whose calls cel-go makes once, when it compiles, where it is given a literal. */
const CONVERSIONS: ReadonlySet<string> = new Set(
  'bool bytes double duration dyn int string timestamp type uint'.split(' '),
);

/** What has no variables in it and costs nothing for that. */
function isConstant(expression: Expression): boolean {
  switch (expression.kind) {
    case 'literal':
      return true;
    case 'list':
      return expression.optionals.length === 0 && expression.elements.every(isConstant);
    case 'map':
      return expression.optionals.length === 0 && expression.entries.every((entry) => entry.every(isConstant));
    case 'call': {
      const { name, target, args } = expression;
      return target === undefined && CONVERSIONS.has(name) && args.length === 1 && args.every(isConstant);
    }
    default:
      return false;
  }
}

/** Evaluates once, at nobody's cost. */
function folded(step: Step): Step {
  let known: Value | undefined;
  return ({ run }) => (known ??= step(rootFrame({ ...run, budget: new Budget(Infinity) })));
}

function compileAny(expression: Expression, checked: Checked): Step {
  switch (expression.kind) {
    case 'literal': {
      const { value } = expression;
      return () => value;
    }
    case 'identifier':
      return variable(expression.name);
    case 'select':
      return compileSelect(expression, checked);
    case 'call':
      return compileCall(expression, checked);
    case 'list': {
      const { optionals } = expression;
      const items = expression.elements.map((each) => compile(each, checked));
      return (frame) => {
        const values = items.map((item) => item(frame));
        frame.run.budget.spend(LIST_COST);
        return new ArrayList(optionals.length === 0 ? values : withoutEmpty(values, optionals));
      };
    }
    case 'map': {
      const entries = expression.entries.map(([key, value], index) => {
        const isOptional = expression.optionals.includes(index);
        return { key: compile(key, checked), value: compile(value, checked), isOptional };
      });
      return (frame) => mapOf(entries, frame);
    }
    case 'comprehension':
      return compileComprehension(expression, (part) => compile(part, checked));
    case 'bind':
      return compileBind(expression, checked);
  }
}

/** The items of a list literal: of those with a `?` what is in them, if there is anything. */
function withoutEmpty(values: readonly Value[], optionals: readonly number[]): readonly Value[] {
  return values.flatMap((value, index) => {
    if (!optionals.includes(index)) return [value];
    if (!(value instanceof OptionalValue)) {
      throw new CelError('cannot initialize optional list element from non-optional value');
    }
    return value.content === undefined ? [] : [value.content];
  });
}

interface Entry {
  readonly key: Step;
  readonly value: Step;
  readonly isOptional: boolean;
}

function mapOf(entries: readonly Entry[], frame: Frame): MapValue {
  const map = new EntryMap();
  for (const { key, value, isOptional } of entries) {
    const made = key(frame);
    if (!isKey(made)) throw new CelError('unsupported key type');
    const given = value(frame);
    if (isOptional && !(given instanceof OptionalValue)) {
      throw new CelError(`cannot initialize optional entry '${String(made)}' from non-optional value`);
    }
    const content = isOptional && given instanceof OptionalValue ? given.content : given;
    if (content === undefined) continue;
    if (!map.add(made, content)) throw new CelError('Failed with repeated key');
  }
  frame.run.budget.spend(MAP_COST);
  return map;
}

function variable(name: string): Step {
  const type = typeNamed(name);
  return (frame) => {
    const value = lookUp(frame, name);
    if (value === undefined && type !== undefined) return new TypeValue(type);
    frame.run.budget.spend(1);
    if (value !== undefined) return value;
    throw new CelError(`no such attribute(s): ${name}`);
  };
}

function lookUp(frame: Frame, name: string): Value | undefined {
  for (let each: Frame | undefined = frame; each !== undefined; each = each.parent) {
    if (each.name === name) return each.value;
  }
  return frame.run.activation(name);
}

function compileSelect(expression: Select, checked: Checked): Step {
  const { field, isTest, isOptional } = expression;
  const operand = compile(expression.operand, checked);
  const name = isTest ? undefined : qualified(expression);
  const type = name === undefined ? undefined : typeNamed(name);
  const operandCost = isAttribute(expression.operand) ? 0 : 1;
  return (frame) => {
    // A variable may have dots in its name, and a type does.
    const named = name === undefined ? undefined : frame.run.activation(name);
    if (named !== undefined) return named;
    if (type !== undefined) return new TypeValue(type);
    const value = operand(frame);
    const { budget } = frame.run;
    const isOpen = isOptional || value instanceof OptionalValue;
    const container = value instanceof OptionalValue ? value.content : value;
    const found = container === undefined ? undefined : member(container, field);
    // A field that may be missing costs nothing where it is.
    budget.spend(operandCost + (isTest || (isOpen && found === undefined) ? 0 : 1));
    if (isTest) return found !== undefined;
    if (isOpen) return new OptionalValue(found);
    if (found === undefined) throw new CelError(`no such key: ${field}`);
    return found;
  };
}

function member(value: Value, field: string): Value | undefined {
  if (value instanceof ListValue) throw new CelError("unsupported index type 'string' in list");
  return value instanceof MapValue ? value.get(field) : undefined;
}

/** A variable and what is read from it: cel-go reads it in one go. What anything else makes is a variable of its own then. */
function isAttribute(expression: Expression): boolean {
  switch (expression.kind) {
    case 'identifier':
      return true;
    case 'select':
      return !expression.isTest;
    case 'call':
      return expression.name === '_[_]' || expression.name === '_[?_]';
    default:
      return false;
  }
}

function compileCall(call: Call, checked: Checked): Step {
  const args = call.args.map((each) => compile(each, checked));
  const [first, second, third] = args;
  if (call.target === undefined && first !== undefined && second !== undefined) {
    if (call.name === '_&&_') return logical(first, second, false);
    if (call.name === '_||_') return logical(first, second, true);
    if (call.name === '_?_:_' && third !== undefined) return conditional(call, [first, second, third]);
  }
  const name = checked.qualifiedName(call) ?? call.name;
  const isMember = call.target !== undefined && name === call.name;
  const target = isMember ? [compile(call.target, checked)] : [];
  const known = checked.overloadsOf(call);
  const ways = known.length > 0 ? known : (functions.get(name) ?? []).filter((way) => way.isMember === isMember);
  const parts = [...target, ...args];
  if (isMember && (name === 'or' || name === 'orValue')) return otherwise(name, parts);
  const extraCost = indexCost(call);
  return (frame) => {
    const given = parts.map((part) => part(frame));
    const way = ways.find(({ parameters }) => fits(parameters, given));
    if (way === undefined) throw noOverload(name, given, isMember);
    frame.run.budget.work(workOf(name, given));
    const result = way.call(given, frame.run.context);
    const isMissing = result instanceof OptionalValue && result.content === undefined && name.startsWith('_[');
    frame.run.budget.spend(extraCost + (isMissing ? 0 : isConstantSet(call) ? 0 : callCost(name, given, result)));
    return result;
  };
}

/** Of an item: a variable that says which one is read along with it. */
function indexCost({ name, args: [container, index] }: Call): number {
  if ((name !== '_[_]' && name !== '_[?_]') || container === undefined || index === undefined) return 0;
  return (isAttribute(container) ? 0 : 1) - (isAttribute(index) ? 1 : 0);
}

/** `x in ['a', 'b']` looks it up in a set that was made before. */
const isConstantSet = ({ name, args }: Call): boolean =>
  name === '@in' && args[1]?.kind === 'list' && isConstant(args[1]);

function fits(parameters: Overload['parameters'], given: readonly Value[]): boolean {
  if (parameters.length !== given.length) return false;
  for (const [index, type] of parameters.entries()) if (!isOfType(given[index]!, type)) return false;
  return true;
}

function noOverload(name: string, given: readonly Value[], isMember: boolean): CelError {
  if (!/^\w/.test(name) || name.startsWith('_')) return new CelError('no such overload');
  const texts = given.map((each) => typeText(runtimeType(each)).replace(/\(.*/, ''));
  return new CelError(
    isMember
      ? `no such overload: ${texts[0] ?? ''}.${name}(${texts.slice(1).join(', ')})`
      : `no such overload: ${name}(${texts.join(', ')})`,
  );
}

/** The second part decides alone where it can, even if the first fails. */
function logical(left: Step, right: Step, deciding: boolean): Step {
  return (frame) => {
    const one = outcome(left, frame);
    if (one === deciding) return deciding;
    const other = outcome(right, frame);
    if (other === deciding) return deciding;
    if (one instanceof CelError) throw one;
    if (other instanceof CelError) throw other;
    return !deciding;
  };
}

/** A variable that is chosen is read along with the choice. */
function conditional({ args }: Call, [condition, yes, no]: readonly [Step, Step, Step]): Step {
  const [yesCost, noCost] = args.slice(1).map((each) => (isAttribute(each) ? -1 : 0));
  return (frame) => {
    const value = condition(frame);
    if (typeof value !== 'boolean') throw new CelError('no such overload');
    const chosen = value ? yes(frame) : no(frame);
    frame.run.budget.spend((value ? yesCost : noCost) ?? 0);
    return chosen;
  };
}

/** `or` and `orValue` look at their argument only where there is nothing in the optional. */
function otherwise(name: string, [target, argument]: readonly Step[]): Step {
  return (frame) => {
    const value = target!(frame);
    if (!(value instanceof OptionalValue)) throw new CelError(`no such overload: ${name}`);
    if (value.content !== undefined) return name === 'or' ? value : value.content;
    return argument!(frame);
  };
}

/** `optMap` and `optFlatMap` stand for `o.hasValue() ? … o.value() … : optional.none()`, which is what they cost. */
function compileBind({ macro, name, value, body }: Bind, checked: Checked): Step {
  const given = compile(value, checked);
  const inner = compile(body, checked);
  return (frame) => {
    const { budget } = frame.run;
    const before = budget.spent;
    const made = given(frame);
    if (macro === 'bind') return inner(bound(frame, name, made));
    if (!(made instanceof OptionalValue)) throw new CelError('no such overload');
    const again = budget.spent - before;
    budget.spend(2);
    if (made.content === undefined) return OptionalValue.none;
    budget.spend(again);
    const result = inner(bound(frame, name, made.content));
    if (macro !== 'optMap') return result;
    budget.spend(1);
    return new OptionalValue(result);
  };
}
