import type { Bind, Comprehension, Expression, Macro } from './expression.js';
import { Uint, type Value } from './values/value.js';

/** A node as the library's parser makes it. */
export interface LibraryNode {
  readonly op: string;
  readonly args: unknown;
  readonly start: number;
  readonly end: number;
}

/** A macro that is used as none can be. */
export class MacroError extends Error {
  readonly position: number;

  constructor(position: number, message: string) {
    super(message);
    this.position = position;
  }
}

const INT_MAX = 2n ** 63n - 1n;
const UINT_MAX = 2n ** 64n - 1n;

/** Makes the engine's tree of the library's: resolves macros, and finds the places that cel-go would name. */
export class TreeBuilder {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  build(node: LibraryNode): Expression {
    const { op, start } = node;
    switch (op) {
      case 'value':
        return { kind: 'literal', position: start, value: literalOf(node) };
      case 'id':
        return { kind: 'identifier', position: start, name: node.args as string };
      case '.':
      case '.?':
        return this.#select(node, false);
      case '[]':
      case '[?]': {
        const [operand, index] = node.args as readonly [LibraryNode, LibraryNode];
        const name = op === '[]' ? '_[_]' : '_[?_]';
        return this.#call(name, this.#after(operand.end), [operand, index]);
      }
      case '?:': {
        const parts = node.args as readonly LibraryNode[];
        return this.#call('_?_:_', this.#after(parts[0]!.end), parts);
      }
      case '!_':
      case '-_':
        return this.#unary(node);
      case 'list': {
        const elements = (node.args as readonly LibraryNode[]).map((each) => this.build(each));
        return { kind: 'list', position: start, elements };
      }
      case 'map': {
        const entries = node.args as readonly (readonly [LibraryNode, LibraryNode])[];
        return {
          kind: 'map',
          position: start,
          entries: entries.map(([key, value]) => [this.build(key), this.build(value)] as const),
        };
      }
      case 'call':
        return this.#function(node);
      case 'rcall':
        return this.#method(node);
      default: {
        const [left, right] = node.args as readonly [LibraryNode, LibraryNode];
        return this.#call(op === 'in' ? '@in' : `_${op}_`, this.#after(left.end), [left, right]);
      }
    }
  }

  #select(node: LibraryNode, isTest: boolean): Expression {
    const [operand, field] = node.args as readonly [LibraryNode, string];
    const position = this.#after(operand.end);
    return { kind: 'select', position, operand: this.build(operand), field, isTest, isOptional: node.op === '.?' };
  }

  #call(name: string, position: number, args: readonly LibraryNode[]): Expression {
    return { kind: 'call', position, name, target: undefined, args: args.map((each) => this.build(each)) };
  }

  /** A minus before a number belongs to it. */
  #unary(node: LibraryNode): Expression {
    const operand = node.args as LibraryNode;
    if (node.op === '-_' && operand.op === 'value') {
      const { args } = operand;
      if (typeof args === 'bigint' && args <= INT_MAX + 1n)
        return { kind: 'literal', position: node.start, value: -args };
      if (typeof args === 'number') return { kind: 'literal', position: node.start, value: -args };
    }
    return this.#call(node.op === '!_' ? '!_' : '-_', node.start, [operand]);
  }

  #function(node: LibraryNode): Expression {
    const [name, args] = node.args as readonly [string, readonly LibraryNode[]];
    const position = this.#after(node.start + name.length);
    const [only] = args;
    if (name === 'has' && only !== undefined && args.length === 1) {
      if (only.op === '.' || only.op === '.?') return { ...this.#select(only, true), position };
      throw new MacroError(only.start, 'invalid argument to has() macro');
    }
    return this.#call(name, position, args);
  }

  #method(node: LibraryNode): Expression {
    const [name, target, args] = node.args as readonly [string, LibraryNode, readonly LibraryNode[]];
    const dot = this.#after(target.end);
    const position = this.#text.indexOf('(', this.#text.indexOf(name, dot) + name.length);
    const macro = this.#macro(name, target, args, position);
    if (macro !== undefined) return macro;
    return {
      kind: 'call',
      position,
      name,
      target: this.build(target),
      args: args.map((each) => this.build(each)),
    };
  }

  #macro(name: string, target: LibraryNode, args: readonly LibraryNode[], position: number): Expression | undefined {
    const [first, second, third, fourth] = args;
    if (first === undefined || second === undefined) return undefined;
    const range = (
      macro: Macro,
      variables: readonly LibraryNode[],
      body: LibraryNode,
      filter?: LibraryNode,
    ): Comprehension => {
      const [variable, other] = variables.map(simpleName);
      return {
        kind: 'comprehension',
        position,
        macro,
        range: this.build(target),
        variable: variable ?? '',
        second: other,
        filter: filter && this.build(filter),
        body: this.build(body),
      };
    };
    const bind = (macro: Bind['macro'], value: LibraryNode, body: LibraryNode): Bind => {
      return {
        kind: 'bind',
        position,
        macro,
        name: simpleName(first),
        value: this.build(value),
        body: this.build(body),
      };
    };
    const isPlain = args.length === 2;
    switch (name) {
      case 'all':
      case 'exists':
      case 'exists_one':
      case 'existsOne': {
        const macro = name === 'existsOne' ? 'exists_one' : name;
        if (isPlain) return range(macro, [first], second);
        return args.length === 3 && third !== undefined ? range(macro, [first, second], third) : undefined;
      }
      case 'filter':
        return isPlain ? range('filter', [first], second) : undefined;
      case 'map':
        if (isPlain) return range('map', [first], second);
        return args.length === 3 && third !== undefined ? range('map', [first], third, second) : undefined;
      case 'transformList':
      case 'transformMap':
      case 'transformMapEntry':
        if (third === undefined || args.length > 4) return undefined;
        return fourth === undefined ? range(name, [first, second], third) : range(name, [first, second], fourth, third);
      case 'optMap':
      case 'optFlatMap':
        return isPlain ? bind(name, target, second) : undefined;
      case 'bind':
        if (target.op !== 'id' || target.args !== 'cel' || third === undefined) return undefined;
        return bind('bind', second, third);
      default:
        return undefined;
    }
  }

  /** Where the next token begins behind what ends here, which may stand in parentheses. */
  #after(end: number): number {
    const pattern = /(?:[\s)]|\/\/[^\n]*)*/y;
    pattern.lastIndex = end;
    pattern.exec(this.#text);
    return pattern.lastIndex;
  }
}

function literalOf({ args, start }: LibraryNode): Value {
  // The library's class for these is not among its exports.
  if (typeof args === 'object' && args !== null && !(args instanceof Uint8Array)) {
    const value = BigInt(String(args));
    if (value > UINT_MAX) throw new MacroError(start, 'invalid uint literal');
    return new Uint(value);
  }
  if (typeof args === 'bigint' && args > INT_MAX) throw new MacroError(start, 'invalid int literal');
  return args as Value;
}

function simpleName(node: LibraryNode): string {
  if (node.op !== 'id') throw new MacroError(node.start, 'argument must be a simple name');
  return node.args as string;
}
