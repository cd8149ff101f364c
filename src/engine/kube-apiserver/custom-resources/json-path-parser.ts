import type { PathNode, SliceEnd } from './json-path.js';
import { OPERATORS, type Operator } from './json-path-comparison.js';

const TERMINATORS = ' .,[]$@{}\r\n';
const WORD = /[\p{L}\p{N}_]/u;
const COMPARISON = /^([^!<>=]+)([!<>=]+)(.+?)$/;
const KEY = /^'([^']*)'$/;
const SLICE = /^(-?\d*)(:-?\d*)?(:-?\d*)?$/;

/** The steps of a path such as `.spec.items[0].name`; `undefined` when it is none. */
export function parseJsonPath(text: string): readonly PathNode[] | undefined {
  try {
    return new PathParser(text).parse();
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

class PathParser {
  readonly #text: string;
  readonly #nodes: PathNode[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** @throws SyntaxError */
  parse(): readonly PathNode[] {
    while (this.#at < this.#text.length) this.#step();
    return this.#nodes;
  }

  #step(): void {
    if (this.#text.startsWith('[?(', this.#at)) return this.#filter();
    if (this.#text.startsWith('..', this.#at)) return this.#descent();
    const character = this.#text[this.#at] ?? '';
    if (' @$'.includes(character)) this.#at++;
    else if (character === '[') this.#brackets();
    else if (character === '"' || character === "'") this.#quoted(character);
    else if (character === '.') this.#field(1);
    else if (/[-+\d]/.test(character)) this.#number();
    else if (WORD.test(character)) this.#word();
    else throw new SyntaxError(`unrecognized character in action: ${character}`);
  }

  #descent(): void {
    if (this.#nodes.at(-1)?.type === 'descent') throw new SyntaxError('invalid multiple recursive descent');
    this.#nodes.push({ type: 'descent' });
    this.#at += 2;
    if (WORD.test(this.#text[this.#at] ?? '')) this.#field(0);
  }

  #field(skipped: number): void {
    let end = this.#at + skipped;
    const start = end;
    while (end < this.#text.length && !TERMINATORS.includes(this.#text[end] ?? '')) {
      end += this.#text[end] === '\\' ? 2 : 1;
    }
    const name = this.#text.slice(start, end).replaceAll('\\', '');
    this.#nodes.push(name === '*' ? { type: 'wildcard' } : { type: 'field', name });
    this.#at = end;
  }

  #quoted(quote: string): void {
    let end = this.#at + 1;
    while (end < this.#text.length && this.#text[end] !== quote) end += this.#text[end] === '\\' ? 2 : 1;
    if (end >= this.#text.length) throw new SyntaxError('unterminated quoted string');
    const value = this.#text.slice(this.#at + 1, end).replace(/\\(.)/g, '$1');
    this.#nodes.push({ type: 'constant', value });
    this.#at = end + 1;
  }

  #number(): void {
    const text = /^[-+]?[\d.]*/.exec(this.#text.slice(this.#at))?.[0] ?? '';
    const value = Number(text);
    if (text === '' || Number.isNaN(value)) throw new SyntaxError(`cannot parse number ${text}`);
    this.#nodes.push({ type: 'constant', value });
    this.#at += text.length;
  }

  #word(): void {
    let end = this.#at;
    while (end < this.#text.length && !TERMINATORS.includes(this.#text[end] ?? '')) end++;
    const word = this.#text.slice(this.#at, end);
    if (!/^(true|false)$/i.test(word)) throw new SyntaxError(`unrecognized identifier ${word}`);
    this.#nodes.push({ type: 'constant', value: word.toLowerCase() === 'true' });
    this.#at = end;
  }

  #brackets(): void {
    const end = this.#text.indexOf(']', this.#at);
    if (end < 0) throw new SyntaxError('unterminated array');
    const inner = this.#text.slice(this.#at + 1, end);
    this.#at = end + 1;
    const parts = inner.split(',');
    if (parts.length > 1) {
      const paths = parts.map((part) => new PathParser(`[${part.trim()}]`).parse());
      this.#nodes.push({ type: 'union', paths });
      return;
    }
    const key = KEY.exec(inner)?.[1];
    if (key !== undefined) this.#nodes.push(...new PathParser(`.${key}`).parse());
    else this.#nodes.push(sliceNode(inner === '*' ? ':' : inner));
  }

  #filter(): void {
    const start = this.#at + '[?('.length;
    const end = this.#endOfFilter(start);
    if (this.#text[end + 1] !== ']') throw new SyntaxError('unclosed array expect ]');
    const text = this.#text.slice(start, end);
    this.#at = end + 2;
    const [, left, operator = '', right] = COMPARISON.exec(text) ?? [];
    if (left === undefined || right === undefined) {
      this.#nodes.push({ type: 'exists', path: new PathParser(text).parse() });
      return;
    }
    if (!OPERATORS.includes(operator)) throw new SyntaxError(`unrecognized filter operator ${operator}`);
    this.#nodes.push({
      type: 'filter',
      left: new PathParser(left).parse(),
      operator: operator as Operator,
      right: new PathParser(right).parse(),
    });
  }

  /** The place of the bracket that closes a filter: one inside of a quoted text does not. */
  #endOfFilter(start: number): number {
    let quote = '';
    for (let at = start; at < this.#text.length; at++) {
      const character = this.#text[at] ?? '';
      if (quote !== '') {
        if (character === quote && this.#text[at - 1] !== '\\') quote = '';
      } else if (character === '"' || character === "'") quote = character;
      else if (character === ')') return at;
    }
    throw new SyntaxError('unterminated filter');
  }
}

function sliceNode(text: string): PathNode {
  const match = SLICE.exec(text);
  if (match === null || text === '') throw new SyntaxError(`invalid array index ${text}`);
  const [, first = '', second, third] = match;
  const start = first === '' ? undefined : Number(first);
  const end: SliceEnd = second === undefined ? 'next' : second === ':' ? undefined : Number(second.slice(1));
  const step = third === undefined || third === ':' ? 1 : Number(third.slice(1));
  return { type: 'slice', start, end, step };
}
