import { DYN, isOptional, type Type } from './types.js';

/** What type parameters stand for. Immutable: an attempt that fails leaves nothing behind. */
export type Substitutions = ReadonlyMap<string, Type>;

const NULLABLE: readonly Type['kind'][] = ['object', 'opaque', 'timestamp', 'duration', 'null'];

/** Whether a value of the second type may stand where the first is wanted, and what that makes of the parameters. */
export function unify(known: Substitutions, left: Type, right: Type): Substitutions | undefined {
  if (right.kind === 'parameter') return bindParameter(known, right, left);
  if (left.kind === 'parameter') return bindParameter(known, left, right);
  if (isAny(left) || isAny(right)) return known;
  if (left.kind === 'null') return NULLABLE.includes(right.kind) ? known : undefined;
  if (right.kind === 'null') return NULLABLE.includes(left.kind) ? known : undefined;
  if (left.kind === 'list' && right.kind === 'list') return unify(known, left.element, right.element);
  if (left.kind === 'map' && right.kind === 'map') {
    const keys = unify(known, left.key, right.key);
    return keys && unify(keys, left.value, right.value);
  }
  if (left.kind === 'opaque' && right.kind === 'opaque') {
    if (left.name !== right.name || left.parameters.length !== right.parameters.length) return undefined;
    return unifyAll(known, left.parameters, right.parameters);
  }
  if (left.kind === 'object' && right.kind === 'object') return left.name === right.name ? known : undefined;
  return left.kind === right.kind ? known : undefined;
}

export function unifyAll(
  known: Substitutions,
  left: readonly Type[],
  right: readonly Type[],
): Substitutions | undefined {
  if (left.length !== right.length) return undefined;
  let all: Substitutions | undefined = known;
  for (const [index, type] of left.entries()) all = all && unify(all, type, right[index]!);
  return all;
}

const isAny = ({ kind }: Type): boolean => kind === 'dyn' || kind === 'error';

function bindParameter(
  known: Substitutions,
  type: Type & { readonly kind: 'parameter' },
  other: Type,
): Substitutions | undefined {
  const bound = known.get(type.name);
  if (bound !== undefined) {
    const all = unify(known, bound, other);
    if (all === undefined || !isAny(other)) return all;
    return new Map(all).set(type.name, DYN);
  }
  if (other.kind === 'parameter' && other.name === type.name) return known;
  return mentions(known, other, type.name) ? undefined : new Map(known).set(type.name, other);
}

function mentions(known: Substitutions, type: Type, name: string): boolean {
  switch (type.kind) {
    case 'parameter': {
      if (type.name === name) return true;
      const bound = known.get(type.name);
      return bound !== undefined && mentions(known, bound, name);
    }
    case 'list':
      return mentions(known, type.element, name);
    case 'map':
      return mentions(known, type.key, name) || mentions(known, type.value, name);
    case 'opaque':
      return type.parameters.some((each) => mentions(known, each, name));
    default:
      return false;
  }
}

/** The type with its parameters filled in; those that nothing is known of become `dyn` where asked. */
export function substitute(known: Substitutions, type: Type, isFinal: boolean): Type {
  switch (type.kind) {
    case 'parameter': {
      const bound = known.get(type.name);
      if (bound !== undefined) return substitute(known, bound, isFinal);
      return isFinal ? DYN : type;
    }
    case 'list': {
      const element = substitute(known, type.element, isFinal);
      return element === type.element ? type : { ...type, element };
    }
    case 'map': {
      const [key, value] = [substitute(known, type.key, isFinal), substitute(known, type.value, isFinal)];
      return key === type.key && value === type.value ? type : { ...type, key, value };
    }
    case 'opaque':
      if (!isOptional(type)) return type;
      return { ...type, parameters: type.parameters.map((each) => substitute(known, each, isFinal)) };
    case 'type':
      return { ...type, of: substitute(known, type.of, isFinal) };
    default:
      return type;
  }
}

/** A declaration's types with parameters that nothing else mentions. */
export function freshened(types: readonly Type[], suffix: string): readonly Type[] {
  return types.map((type) => renamed(type, suffix));
}

function renamed(type: Type, suffix: string): Type {
  switch (type.kind) {
    case 'parameter':
      return { kind: 'parameter', name: type.name + suffix };
    case 'list':
      return { ...type, element: renamed(type.element, suffix) };
    case 'map':
      return { ...type, key: renamed(type.key, suffix), value: renamed(type.value, suffix) };
    case 'opaque':
      return { ...type, parameters: type.parameters.map((each) => renamed(each, suffix)) };
    case 'type':
      return { ...type, of: renamed(type.of, suffix) };
    default:
      return type;
  }
}
