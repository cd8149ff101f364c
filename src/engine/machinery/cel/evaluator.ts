/** From a checked expression to a function that runs it: cel-go's semantics, errors and costs. */
import { qualified, typeNamed, type Checked } from './checker.js';
import { compileComprehension } from './comprehension.js';
import { callCost, LIST_COST, MAP_COST } from './cost.js';
import type { Bind, Call, Expression, Select } from './expression.js';
import { bound, isKey, outcome, type Frame, type Step } from './frame.js';
import type { Overload } from './library/function.js';
import { functions } from './library/registry.js';
import { typeText } from './types.js';
import { CelError } from './values/cel-error.js';
import { isOfType, runtimeType } from './values/kind-of.js';
import { ArrayList } from './values/list-value.js';
import { EntryMap, MapValue } from './values/map-value.js';
import { OptionalValue, TypeValue, type Value } from './values/value.js';

export function compile(expression: Expression, checked: Checked): Step {
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
      const items = expression.elements.map((each) => compile(each, checked));
      return (frame) => {
        const values = items.map((item) => item(frame));
        frame.run.budget.spend(LIST_COST);
        return new ArrayList(values);
      };
    }
    case 'map': {
      const entries = expression.entries.map(
        ([key, value]) => [compile(key, checked), compile(value, checked)] as const,
      );
      return (frame) => mapOf(entries, frame);
    }
    case 'comprehension':
      return compileComprehension(expression, (part) => compile(part, checked));
    case 'bind':
      return compileBind(expression, checked);
  }
}

function mapOf(entries: readonly (readonly [Step, Step])[], frame: Frame): MapValue {
  const map = new EntryMap();
  for (const [key, value] of entries) {
    const made = key(frame);
    if (!isKey(made)) throw new CelError('unsupported key type');
    if (!map.add(made, value(frame))) throw new CelError('Failed with repeated key');
  }
  frame.run.budget.spend(MAP_COST);
  return map;
}

function variable(name: string): Step {
  const type = typeNamed(name);
  return (frame) => {
    frame.run.budget.spend(1);
    const value = lookUp(frame, name);
    if (value !== undefined) return value;
    if (type !== undefined) return new TypeValue(type);
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
  return (frame) => {
    // A variable may have dots in its name, and a type does.
    const named = name === undefined ? undefined : frame.run.activation(name);
    if (named !== undefined) return named;
    if (type !== undefined) return new TypeValue(type);
    const value = operand(frame);
    if (!isTest) frame.run.budget.spend(1);
    if (value instanceof OptionalValue) return ofOptional(value, field, isTest);
    if (isTest) return member(value, field) !== undefined;
    const found = member(value, field);
    if (isOptional) return new OptionalValue(found);
    if (found === undefined) throw new CelError(`no such key: ${field}`);
    return found;
  };
}

function member(value: Value, field: string): Value | undefined {
  if (!(value instanceof MapValue)) throw new CelError('no such overload');
  return value.get(field);
}

function ofOptional({ content }: OptionalValue, field: string, isTest: boolean): Value {
  const found = content === undefined ? undefined : member(content, field);
  return isTest ? found !== undefined : new OptionalValue(found);
}

function compileCall(call: Call, checked: Checked): Step {
  const args = call.args.map((each) => compile(each, checked));
  const [first, second, third] = args;
  if (call.target === undefined && first !== undefined && second !== undefined) {
    if (call.name === '_&&_') return logical(first, second, false);
    if (call.name === '_||_') return logical(first, second, true);
    if (call.name === '_?_:_' && third !== undefined) return conditional(first, second, third);
  }
  const name = checked.qualifiedName(call) ?? call.name;
  const isMember = call.target !== undefined && name === call.name;
  const target = isMember ? [compile(call.target, checked)] : [];
  const known = checked.overloadsOf(call);
  const ways = known.length > 0 ? known : (functions.get(name) ?? []).filter((way) => way.isMember === isMember);
  const parts = [...target, ...args];
  if (isMember && (name === 'or' || name === 'orValue')) return otherwise(name, parts);
  return (frame) => {
    const given = parts.map((part) => part(frame));
    const way = ways.find(({ parameters }) => fits(parameters, given));
    if (way === undefined) throw noOverload(name, given, isMember);
    const result = way.call(given, frame.run.context);
    frame.run.budget.spend(callCost(name, given, result));
    return result;
  };
}

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

function conditional(condition: Step, yes: Step, no: Step): Step {
  return (frame) => {
    const value = condition(frame);
    if (typeof value !== 'boolean') throw new CelError('no such overload');
    return value ? yes(frame) : no(frame);
  };
}

/** `or` and `orValue` look at their argument only where there is nothing in the optional. */
function otherwise(name: string, [target, argument]: readonly Step[]): Step {
  return (frame) => {
    const value = target!(frame);
    if (!(value instanceof OptionalValue)) throw new CelError(`no such overload: ${name}`);
    frame.run.budget.spend(1);
    if (value.content !== undefined) return name === 'or' ? value : value.content;
    return argument!(frame);
  };
}

function compileBind({ macro, name, value, body }: Bind, checked: Checked): Step {
  const given = compile(value, checked);
  const inner = compile(body, checked);
  return (frame) => {
    const made = given(frame);
    if (macro === 'bind') return inner(bound(frame, name, made));
    if (!(made instanceof OptionalValue)) throw new CelError('no such overload');
    if (made.content === undefined) return OptionalValue.none;
    const result = inner(bound(frame, name, made.content));
    return macro === 'optMap' ? new OptionalValue(result) : result;
  };
}
