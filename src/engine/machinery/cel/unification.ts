import { DYN, isOptional, type Type } from './types.js';

const NULLABLE: readonly Type['kind'][] = ['object', 'opaque', 'timestamp', 'duration', 'null'];

/** What type parameters stand for. An attempt that fails leaves nothing behind. */
export class Substitutions {
  readonly #bound = new Map<string, Type>();
  /** What was bound before each change, to take it back. */
  readonly #changes: (readonly [name: string, before: Type | undefined])[] = [];

  /** Whether a value of the second type may stand where the first is wanted; parameters are bound to what that takes. */
  unify(left: Type, right: Type): boolean {
    return this.unifyAll([left], [right]);
  }

  unifyAll(left: readonly Type[], right: readonly Type[]): boolean {
    const start = this.#changes.length;
    const isDone = left.length === right.length && left.every((type, index) => this.#unify(type, right[index]!));
    while (!isDone && this.#changes.length > start) {
      const [name, before] = this.#changes.pop()!;
      if (before === undefined) this.#bound.delete(name);
      else this.#bound.set(name, before);
    }
    return isDone;
  }

  /** The type with its parameters filled in; those that nothing is known of become `dyn` where asked. */
  substitute(type: Type, isFinal: boolean): Type {
    switch (type.kind) {
      case 'parameter': {
        const bound = this.#bound.get(type.name);
        if (bound !== undefined) return this.substitute(bound, isFinal);
        return isFinal ? DYN : type;
      }
      case 'list': {
        const element = this.substitute(type.element, isFinal);
        return element === type.element ? type : { ...type, element };
      }
      case 'map': {
        const [key, value] = [this.substitute(type.key, isFinal), this.substitute(type.value, isFinal)];
        return key === type.key && value === type.value ? type : { ...type, key, value };
      }
      case 'opaque':
        if (!isOptional(type)) return type;
        return { ...type, parameters: type.parameters.map((each) => this.substitute(each, isFinal)) };
      case 'type':
        return { ...type, of: this.substitute(type.of, isFinal) };
      default:
        return type;
    }
  }

  #unify(left: Type, right: Type): boolean {
    if (right.kind === 'parameter') return this.#bind(right, left);
    if (left.kind === 'parameter') return this.#bind(left, right);
    if (isAny(left) || isAny(right)) return true;
    if (left.kind === 'null') return NULLABLE.includes(right.kind);
    if (right.kind === 'null') return NULLABLE.includes(left.kind);
    if (left.kind === 'list' && right.kind === 'list') return this.#unify(left.element, right.element);
    if (left.kind === 'map' && right.kind === 'map') {
      return this.#unify(left.key, right.key) && this.#unify(left.value, right.value);
    }
    if (left.kind === 'opaque' && right.kind === 'opaque') {
      if (left.name !== right.name || left.parameters.length !== right.parameters.length) return false;
      return left.parameters.every((each, index) => this.#unify(each, right.parameters[index]!));
    }
    if (left.kind === 'object' && right.kind === 'object') return left.name === right.name;
    return left.kind === right.kind;
  }

  #bind(type: Type & { readonly kind: 'parameter' }, other: Type): boolean {
    const bound = this.#bound.get(type.name);
    if (bound !== undefined) {
      if (!this.#unify(bound, other)) return false;
      if (isAny(other)) this.#set(type.name, DYN);
      return true;
    }
    if (other.kind === 'parameter' && other.name === type.name) return true;
    if (this.#mentions(other, type.name)) return false;
    this.#set(type.name, other);
    return true;
  }

  #set(name: string, type: Type): void {
    this.#changes.push([name, this.#bound.get(name)]);
    this.#bound.set(name, type);
  }

  #mentions(type: Type, name: string): boolean {
    switch (type.kind) {
      case 'parameter': {
        if (type.name === name) return true;
        const bound = this.#bound.get(type.name);
        return bound !== undefined && this.#mentions(bound, name);
      }
      case 'list':
        return this.#mentions(type.element, name);
      case 'map':
        return this.#mentions(type.key, name) || this.#mentions(type.value, name);
      case 'opaque':
        return type.parameters.some((each) => this.#mentions(each, name));
      default:
        return false;
    }
  }
}

const isAny = ({ kind }: Type): boolean => kind === 'dyn' || kind === 'error';

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
