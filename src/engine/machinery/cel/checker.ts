/** Mirrors cel-go's type checker: what type each part of an expression has, and what in it cannot be. */
import type { Bind, Call, Comprehension, Expression, Select } from './expression.js';
import type { Issue } from './issue.js';
import type { Overload } from './library/function.js';
import { functions } from './library/registry.js';
import { literalIssues } from './literal-checks.js';
import * as types from './types.js';
import {
  BOOL,
  DYN,
  ERROR,
  INT,
  isOptional,
  listOf,
  mapOf,
  optionalOf,
  typeText,
  unwrapped,
  type Type,
} from './types.js';
import { freshened, Substitutions } from './unification.js';
import { runtimeType } from './values/kind-of.js';

/** The variables of an environment by name; dotted names are variables of their own. */
export type Variables = ReadonlyMap<string, Type>;

export interface Checked {
  readonly type: Type;
  readonly issues: readonly Issue[];
  /** The type of every part. */
  readonly typeOf: (expression: Expression) => Type;
  /** The ways of calling that a call may mean. */
  readonly overloadsOf: (call: Call) => readonly Overload[];
  /** The function that a call with a dot means where the dot is part of its name. */
  readonly qualifiedName: (call: Call) => string | undefined;
}

const TYPE_NAMES: ReadonlyMap<string, Type> = new Map<string, Type>([
  ['bool', types.BOOL],
  ['bytes', types.BYTES],
  ['double', types.DOUBLE],
  ['int', types.INT],
  ['string', types.STRING],
  ['uint', types.UINT],
  ['null_type', types.NULL],
  ['list', listOf(DYN)],
  ['map', mapOf(DYN, DYN)],
  ['type', types.typeOf(DYN)],
  ['optional_type', optionalOf(DYN)],
  ['google.protobuf.Timestamp', types.TIMESTAMP],
  ['google.protobuf.Duration', types.DURATION],
]);

/** The type that a name stands for where no variable has it. */
export const typeNamed = (name: string): Type | undefined => TYPE_NAMES.get(name);

export function check(expression: Expression, variables: Variables): Checked {
  return new Checker().run(expression, variables);
}

class Checker {
  readonly #issues: Issue[] = [];
  readonly #types = new Map<Expression, Type>();
  readonly #overloads = new Map<Call, readonly Overload[]>();
  readonly #qualified = new Map<Call, string>();
  readonly #known = new Substitutions();
  #fresh = 0;

  run(expression: Expression, variables: Variables): Checked {
    const type = this.#check(expression, variables);
    const typeOf = (part: Expression): Type => this.#known.substitute(this.#types.get(part) ?? DYN, true);
    const issues = this.#issues.length > 0 ? this.#issues : literalIssues(expression, typeOf);
    return {
      type: this.#known.substitute(type, true),
      issues: issues.toSorted((left, right) => left.position - right.position),
      typeOf,
      overloadsOf: (call) => this.#overloads.get(call) ?? [],
      qualifiedName: (call) => this.#qualified.get(call),
    };
  }

  #check(expression: Expression, scope: Variables): Type {
    const type = this.#typeOf(expression, scope);
    this.#types.set(expression, type);
    return type;
  }

  #typeOf(expression: Expression, scope: Variables): Type {
    switch (expression.kind) {
      case 'literal':
        return runtimeType(expression.value);
      case 'identifier':
        return this.#named(expression.name, scope) ?? this.#undeclared(expression, expression.name);
      case 'select':
        return this.#select(expression, scope);
      case 'call':
        return this.#call(expression, scope);
      case 'list':
        return listOf(this.#joined(expression.elements, scope, expression.optionals));
      case 'map': {
        const { entries, optionals } = expression;
        const key = this.#joined(
          entries.map(([each]) => each),
          scope,
        );
        const values = entries.map(([, each]) => each);
        return mapOf(key, this.#joined(values, scope, optionals));
      }
      case 'comprehension':
        return this.#comprehension(expression, scope);
      case 'bind':
        return this.#bind(expression, scope);
    }
  }

  #named(name: string, scope: Variables): Type | undefined {
    const variable = scope.get(name);
    if (variable !== undefined) return variable;
    const type = TYPE_NAMES.get(name);
    return type === undefined ? undefined : types.typeOf(type);
  }

  #undeclared({ position }: Expression, name: string): Type {
    return this.#fault(position, `undeclared reference to '${name}' (in container '')`);
  }

  #fault(position: number, message: string): Type {
    this.#issues.push({ position, message });
    return ERROR;
  }

  #select(expression: Select, scope: Variables): Type {
    const name = expression.isTest ? undefined : qualified(expression);
    const named = name === undefined ? undefined : this.#named(name, scope);
    if (named !== undefined) return named;
    const operand = this.#known.substitute(this.#check(expression.operand, scope), false);
    const type = this.#field(expression, unwrapped(operand));
    if (expression.isTest) return BOOL;
    return isOptional(operand) || expression.isOptional ? optionalOf(unwrapped(type)) : type;
  }

  #field({ field, position }: Select, target: Type): Type {
    switch (target.kind) {
      case 'map':
        return target.value;
      case 'object':
        return target.field(field)?.type ?? this.#fault(position, `undefined field '${field}'`);
      case 'parameter':
        this.#known.unify(DYN, target);
        return DYN;
      case 'dyn':
      case 'error':
        return DYN;
      default:
        this.#fault(position, `type '${typeText(target)}' does not support field selection`);
        return DYN;
    }
  }

  #call(call: Call, scope: Variables): Type {
    const args = call.args.map((each) => this.#check(each, scope));
    if (call.target === undefined) {
      const ways = functions.get(call.name);
      if (ways === undefined && !LOGICAL.has(call.name)) return this.#undeclared(call, call.name);
      return this.#logical(call, args) ?? this.#resolve(call, ways ?? [], args);
    }
    const prefix = qualified(call.target);
    const name = `${prefix}.${call.name}`;
    const ways = prefix === undefined ? undefined : functions.get(name);
    if (ways !== undefined) {
      this.#qualified.set(call, name);
      return this.#resolve({ ...call, target: undefined, name }, ways, args, call);
    }
    const target = this.#check(call.target, scope);
    const methods = functions.get(call.name);
    if (methods === undefined) return this.#undeclared(call, call.name);
    return this.#resolve(call, methods, [target, ...args]);
  }

  /** `&&`, `||` and the conditional, which are no functions: they need not look at all of their arguments. */
  #logical({ name, args, position }: Call, given: readonly Type[]): Type | undefined {
    if (name === '_&&_' || name === '_||_') {
      for (const [index, type] of given.entries()) {
        if (!this.#isAssignable(type, BOOL)) this.#mismatch(args[index]!, BOOL, type);
      }
      return BOOL;
    }
    if (name !== '_?_:_') return undefined;
    const result = this.#parameter();
    if (!this.#known.unifyAll(given, [BOOL, result, result])) {
      return this.#noOverload({ name, position, isMember: false }, given);
    }
    return this.#known.substitute(result, false);
  }

  #resolve(call: Call, ways: readonly Overload[], given: readonly Type[], recorded = call): Type {
    const isMember = call.target !== undefined;
    const fitting: Overload[] = [];
    let result: Type | undefined;
    for (const way of ways) {
      if (way.isMember !== isMember) continue;
      const [wanted, parameters] = this.#instance(way);
      if (!this.#known.unifyAll(given, parameters)) continue;
      fitting.push(way);
      const type = this.#known.substitute(wanted, false);
      if (result === undefined) result = type;
      else if (result.kind !== 'dyn' && typeText(type) !== typeText(result)) result = DYN;
    }
    if (result === undefined) return this.#noOverload({ name: call.name, position: call.position, isMember }, given);
    this.#overloads.set(recorded, fitting);
    return result;
  }

  #instance({ result, parameters }: Overload): readonly [result: Type, parameters: readonly Type[]] {
    this.#fresh++;
    const [own, ...rest] = freshened([result, ...parameters], `_${this.#fresh}`);
    return [own ?? result, rest];
  }

  #noOverload(
    call: { readonly name: string; readonly position: number; readonly isMember: boolean },
    given: readonly Type[],
  ): Type {
    const texts = given.map((each) => typeText(this.#known.substitute(each, true)));
    const signature = call.isMember ? `${texts[0] ?? ''}.(${texts.slice(1).join(', ')})` : `(${texts.join(', ')})`;
    return this.#fault(call.position, `found no matching overload for '${call.name}' applied to '${signature}'`);
  }

  #joined(parts: readonly Expression[], scope: Variables, optionals: readonly number[] = []): Type {
    let joined: Type | undefined;
    for (const [index, part] of parts.entries()) {
      const given = this.#check(part, scope);
      const type = optionals.includes(index) ? this.#content(part, given) : given;
      if (joined === undefined) joined = type;
      else if (this.#isAssignable(joined, type)) joined = mentionsAny(type) && !mentionsAny(joined) ? type : joined;
      else joined = DYN;
    }
    return joined ?? this.#parameter();
  }

  /** Of what a `?` stands before. */
  #content(part: Expression, given: Type): Type {
    const type = this.#known.substitute(given, false);
    if (!isOptional(type) && !mentionsAny(type) && type.kind !== 'error') this.#mismatch(part, optionalOf(type), type);
    return unwrapped(type);
  }

  #comprehension(expression: Comprehension, scope: Variables): Type {
    const range = this.#known.substitute(this.#check(expression.range, scope), false);
    const [first, second] = this.#itemTypes(expression, range);
    const inner = new Map(scope).set(expression.variable, first);
    if (expression.second !== undefined) inner.set(expression.second, second);
    const { filter, body, macro } = expression;
    if (filter !== undefined) this.#demand(filter, BOOL, inner);
    switch (macro) {
      case 'all':
      case 'exists':
      case 'exists_one':
        this.#demand(body, BOOL, inner);
        return BOOL;
      case 'filter':
        this.#demand(body, BOOL, inner);
        return listOf(first);
      case 'map':
      case 'transformList':
        return listOf(this.#check(body, inner));
      case 'transformMap':
        return mapOf(first, this.#check(body, inner));
      case 'transformMapEntry':
        return this.#check(body, inner);
    }
  }

  #itemTypes({ range: { position }, second }: Comprehension, range: Type): readonly [Type, Type] {
    switch (range.kind) {
      case 'list':
        return second === undefined ? [range.element, ERROR] : [INT, range.element];
      case 'map':
        return [range.key, range.value];
      case 'dyn':
      case 'error':
      case 'parameter':
        this.#known.unify(DYN, range);
        return [DYN, DYN];
      default: {
        const text = typeText(range);
        this.#fault(
          position,
          `expression of type '${text}' cannot be range of a comprehension (must be list, map, or dynamic)`,
        );
        return [ERROR, ERROR];
      }
    }
  }

  #bind({ macro, name, value, body }: Bind, scope: Variables): Type {
    const given = this.#known.substitute(this.#check(value, scope), false);
    if (macro === 'bind') return this.#check(body, new Map(scope).set(name, given));
    if (!isOptional(given) && given.kind !== 'dyn' && given.kind !== 'error') {
      this.#noOverload({ name: 'hasValue', position: value.position, isMember: true }, [given]);
    }
    const result = this.#check(body, new Map(scope).set(name, unwrapped(given)));
    return macro === 'optMap' ? optionalOf(result) : result;
  }

  #demand(part: Expression, wanted: Type, scope: Variables): void {
    const type = this.#check(part, scope);
    if (this.#isAssignable(wanted, type)) return;
    const texts = `'_&&_' applied to '(bool, ${typeText(type)})'`;
    this.#fault(part.position, wanted === BOOL ? `expected type 'bool' but found '${typeText(type)}'` : texts);
  }

  #mismatch({ position }: Expression, wanted: Type, found: Type): Type {
    const [one, other] = [wanted, found].map((each) => typeText(this.#known.substitute(each, true)));
    return this.#fault(position, `expected type '${one}' but found '${other}'`);
  }

  #isAssignable(wanted: Type, found: Type): boolean {
    return this.#known.unify(wanted, found);
  }

  #parameter(): Type {
    this.#fresh++;
    return types.parameter(`_${this.#fresh}`);
  }
}

function mentionsAny(type: Type): boolean {
  switch (type.kind) {
    case 'dyn':
      return true;
    case 'list':
      return mentionsAny(type.element);
    case 'map':
      return mentionsAny(type.key) || mentionsAny(type.value);
    case 'opaque':
      return type.parameters.some(mentionsAny);
    default:
      return false;
  }
}

const LOGICAL: ReadonlySet<string> = new Set(['_&&_', '_||_', '_?_:_']);

/** `a.b.c`, where nothing else is in it. */
export function qualified(expression: Expression): string | undefined {
  if (expression.kind === 'identifier') return expression.name;
  if (expression.kind !== 'select' || expression.isTest || expression.isOptional) return undefined;
  const prefix = qualified(expression.operand);
  return prefix === undefined ? undefined : `${prefix}.${expression.field}`;
}
