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

/** What `sortBy` binds the list to: no expression can name it. */
const SORT_INPUT = '@__sortBy_input__';
const INT_MAX = 2n ** 63n - 1n;
const UINT_MAX = 2n ** 64n - 1n;

/** Macros that some environments have besides those that all have. */
export interface MacroChoice {
  /** `cel.bind(name, value, body)` */
  readonly hasBind?: boolean;
}

/** Makes the engine's tree of the library's: resolves macros, and finds the places that cel-go would name. */
export class TreeBuilder {
  readonly #text: string;
  readonly #hasBind: boolean;
  readonly #optionalStarts = new Set<number>();

  constructor(text: string, { hasBind = false }: MacroChoice = {}) {
    this.#text = text;
    this.#hasBind = hasBind;
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
        const parts = node.args as readonly LibraryNode[];
        const optionals = this.#optionals(parts);
        return { kind: 'list', position: start, elements: parts.map((each) => this.build(each)), optionals };
      }
      case 'map': {
        const entries = node.args as readonly (readonly [LibraryNode, LibraryNode])[];
        return {
          kind: 'map',
          position: start,
          optionals: this.#optionals(entries.map(([key]) => key)),
          entries: entries.map(([key, value]) => [this.build(key), this.build(value)] as const),
        };
      }
      case 'call':
        return this.#function(node);
      case 'rcall':
        return this.#method(node);
      case '&&':
      case '||':
        return this.#logical(node);
      default: {
        const [left, right] = node.args as readonly [LibraryNode, LibraryNode];
        return this.#call(op === 'in' ? '@in' : `_${op}_`, this.#after(left.end), [left, right]);
      }
    }
  }

  /** A row of one operator becomes a tree of even depth, as in cel-go: rows may be long. */
  #logical({ op, args }: LibraryNode): Expression {
    const terms: LibraryNode[] = [];
    let [left, right] = args as readonly [LibraryNode, LibraryNode];
    terms.push(right);
    while (left.op === op) {
      [left, right] = left.args as readonly [LibraryNode, LibraryNode];
      terms.push(right);
    }
    terms.push(left);
    return this.#balanced(`_${op}_`, terms.reverse());
  }

  #balanced(name: string, terms: readonly LibraryNode[]): Expression {
    const [first] = terms;
    if (terms.length === 1 && first !== undefined) return this.build(first);
    const middle = Math.ceil(terms.length / 2);
    const [before, after] = [terms.slice(0, middle), terms.slice(middle)];
    const args = [this.#balanced(name, before), this.#balanced(name, after)];
    return { kind: 'call', position: this.#after(before.at(-1)!.end), name, target: undefined, args };
  }

  #select(node: LibraryNode, isTest: boolean): Expression {
    const [operand, field] = node.args as readonly [LibraryNode, string];
    const position = this.#after(operand.end);
    return { kind: 'select', position, operand: this.build(operand), field, isTest, isOptional: node.op === '.?' };
  }

  #call(name: string, position: number, args: readonly LibraryNode[]): Expression {
    return { kind: 'call', position, name, target: undefined, args: args.map((each) => this.build(each)) };
  }

  /** The places of what begins with a `?`, of which the grammar knows as `markedOptionals` says. */
  #optionals(parts: readonly LibraryNode[]): readonly number[] {
    const places = parts.flatMap(({ start }, index) => (this.#text[start] === '?' ? [index] : []));
    for (const place of places) this.#optionalStarts.add(parts[place]!.start);
    return places;
  }

  /** A minus before a number belongs to it. */
  #unary(node: LibraryNode): Expression {
    if (this.#text[node.start] === '?') {
      if (this.#optionalStarts.has(node.start)) return this.build(node.args as LibraryNode);
      throw new MacroError(node.start, "Syntax error: extraneous input '?'");
    }
    const operand = node.args as LibraryNode;
    // Two signs in a row, with nothing between them, are none.
    if (operand.op === node.op && this.#text.slice(node.start + 1, operand.start).trim() === '') {
      return this.build(operand.args as LibraryNode);
    }
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
        if (isPlain) return range(name, [first], second);
        return args.length === 3 && third !== undefined ? range(name, [first, second], third) : undefined;
      case 'existsOne':
        return args.length === 3 && third !== undefined ? range('exists_one', [first, second], third) : undefined;
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
      case 'bind': {
        const isMeant = this.#hasBind && target.op === 'id' && target.args === 'cel';
        return isMeant && third !== undefined ? bind(name, second, third) : undefined;
      }
      case 'sortBy':
        return isPlain ? this.#sorted(target, { position, key: second, variable: simpleName(first) }) : undefined;
      default:
        return undefined;
    }
  }

  /** `list.sortBy(x, key)` sorts the list by a list of the keys of its items. */
  #sorted(
    list: LibraryNode,
    { position, key, variable }: { readonly position: number; readonly key: LibraryNode; readonly variable: string },
  ): Bind {
    const input: Expression = { kind: 'identifier', position, name: SORT_INPUT };
    const keys: Comprehension = {
      kind: 'comprehension',
      position,
      macro: 'map',
      range: input,
      variable,
      second: undefined,
      filter: undefined,
      body: this.build(key),
    };
    const body: Expression = {
      kind: 'call',
      position,
      name: '@sortByAssociatedKeys',
      target: { ...input },
      args: [keys],
    };
    return { kind: 'bind', position, macro: 'bind', name: SORT_INPUT, value: this.build(list), body };
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
