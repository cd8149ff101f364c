/**
 * JSON as upstream reads it: with the words of Go's scanner for malformed text, with numbers that keep a spelling that
 * matters, and with repeated keys on record, of which the last wins. What JSON.parse reads without loss takes only that.
 */
import { goQuote } from '../go-text.js';
import { setOwn } from '../structure.js';
import { NumberLiteral } from './number-literal.js';

/** Go's own limit; deeper text is malformed to it. */
const NESTING_MAX = 10_000;
/** With fewer opening brackets, writing the value again cannot exhaust the stack. */
const FAST_BRACKETS_MAX = 1_000;

export interface JsonText {
  /**
   * Plain JSON data, with a `bigint` for an int64 beyond 2^53 and a `NumberLiteral` for any other number whose spelling a
   * JavaScript number would lose; `plainJson` takes the latter out of data that no schema decodes.
   */
  readonly value: unknown;
  readonly repeated: RepeatedMembers;
}

/** The members, in document order and with every repetition, of the objects whose own keys do not tell them. */
export type RepeatedMembers = ReadonlyMap<object, readonly Member[]>;
export type Member = readonly [key: string, value: unknown];

/** Text that is no JSON. The message is that of Go's `encoding/json`. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
}

export function parseJsonText(text: string): JsonText {
  return parsedAtOnce(text) ?? new Scanner(text).read();
}

const NONE: RepeatedMembers = new Map();

/** Text that JSON.stringify gives back has neither repeated keys nor numbers of another spelling. */
function parsedAtOnce(text: string): JsonText | undefined {
  if (openingBrackets(text) > FAST_BRACKETS_MAX) return undefined;
  const body = text.endsWith('\n') ? text.slice(0, -1) : text;
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined; // The scanner says why.
  }
  return JSON.stringify(value) === body ? { value, repeated: NONE } : undefined;
}

function openingBrackets(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x7b || code === 0x5b) count++;
  }
  return count;
}

interface ObjectFrame {
  readonly kind: 'object';
  readonly target: Record<string, unknown>;
  readonly members: Member[];
  key: string;
  isOutOfOrder: boolean;
}

interface ArrayFrame {
  readonly kind: 'array';
  readonly target: unknown[];
}

type Expected = 'value' | 'valueOrEnd' | 'key' | 'keyOrEnd' | 'separator';

const INTEGER = /^-?[1-9]\d*$/;
const INT64_LENGTH_MAX = '-9223372036854775808'.length;
/** JavaScript moves such keys to the front, so that an object's own keys do not tell the document's order. */
const INDEX_KEY = /^(?:0|[1-9]\d*)$/;
const LITERALS: Readonly<Record<string, readonly [text: string, value: boolean | null]>> = {
  t: ['true', true],
  f: ['false', false],
  n: ['null', null],
};

/** Keeps its own stack: nesting is bounded by the limit alone. */
class Scanner {
  readonly #text: string;
  readonly #stack: (ObjectFrame | ArrayFrame)[] = [];
  readonly #repeated = new Map<object, readonly Member[]>();
  #at = 0;
  #result: unknown;

  constructor(text: string) {
    this.#text = text;
  }

  read(): JsonText {
    let expected: Expected | undefined = 'value';
    while (expected !== undefined) {
      this.#skipSpace();
      expected = this.#step(expected);
    }
    return { value: this.#result, repeated: this.#repeated };
  }

  #step(expected: Expected): Expected | undefined {
    switch (expected) {
      case 'key':
      case 'keyOrEnd':
        return this.#readKey(expected === 'keyOrEnd');
      case 'separator':
        return this.#readSeparator();
      default:
        return this.#readValue(expected === 'valueOrEnd');
    }
  }

  #readValue(mayEnd: boolean): Expected {
    const character = this.#text[this.#at];
    if (character === ']' && mayEnd) return this.#close();
    if (character === '{') {
      return this.#open({ kind: 'object', target: {}, members: [], key: '', isOutOfOrder: false }, 'keyOrEnd');
    }
    if (character === '[') return this.#open({ kind: 'array', target: [] }, 'valueOrEnd');
    return this.#add(this.#readScalar(character));
  }

  #open(frame: ObjectFrame | ArrayFrame, expected: Expected): Expected {
    if (this.#stack.length >= NESTING_MAX) throw this.#unexpected('exceeded max depth');
    this.#at++;
    this.#stack.push(frame);
    return expected;
  }

  #close(): Expected {
    this.#at++;
    const frame = this.#stack.pop();
    if (frame?.kind === 'object' && frame.isOutOfOrder) this.#repeated.set(frame.target, frame.members);
    return this.#add(frame?.target);
  }

  #add(value: unknown): Expected {
    const frame = this.#stack.at(-1);
    if (frame === undefined) this.#result = value;
    else if (frame.kind === 'array') frame.target.push(value);
    else {
      if (INDEX_KEY.test(frame.key) || Object.hasOwn(frame.target, frame.key)) frame.isOutOfOrder = true;
      frame.members.push([frame.key, value]);
      setOwn(frame.target, frame.key, value);
    }
    return 'separator';
  }

  #readKey(mayEnd: boolean): Expected {
    const character = this.#text[this.#at];
    if (character === '}' && mayEnd) return this.#close();
    if (character !== '"') throw this.#unexpected('looking for beginning of object key string');
    const key = this.#readString();
    const frame = this.#stack.at(-1);
    if (frame?.kind === 'object') frame.key = key;
    this.#skipSpace();
    if (this.#text[this.#at] !== ':') throw this.#unexpected('after object key');
    this.#at++;
    return 'value';
  }

  #readSeparator(): Expected | undefined {
    const frame = this.#stack.at(-1);
    const character = this.#text[this.#at];
    if (frame === undefined) {
      if (character !== undefined) throw this.#unexpected('after top-level value');
      return undefined;
    }
    if (character === (frame.kind === 'object' ? '}' : ']')) return this.#close();
    if (character !== ',') {
      throw this.#unexpected(frame.kind === 'object' ? 'after object key:value pair' : 'after array element');
    }
    this.#at++;
    return frame.kind === 'object' ? 'key' : 'value';
  }

  #readScalar(character: string | undefined): unknown {
    if (character === '"') return this.#readString();
    if (character === '-' || isDigit(character)) return this.#readNumber();
    const literal = character === undefined ? undefined : LITERALS[character];
    if (literal === undefined) throw this.#unexpected('looking for beginning of value');
    const [text, value] = literal;
    this.#at++;
    for (const letter of text.slice(1)) {
      if (this.#text[this.#at] !== letter) throw this.#broken(`in literal ${text} (expecting '${letter}')`);
      this.#at++;
    }
    return value;
  }

  #readNumber(): number | bigint | NumberLiteral {
    const start = this.#at;
    if (this.#text[this.#at] === '-') this.#at++;
    if (this.#text[this.#at] === '0') this.#at++;
    else this.#readDigits('in numeric literal');
    if (this.#text[this.#at] === '.') {
      this.#at++;
      this.#readDigits('after decimal point in numeric literal');
    }
    if (this.#text[this.#at] === 'e' || this.#text[this.#at] === 'E') {
      this.#at++;
      if (this.#text[this.#at] === '+' || this.#text[this.#at] === '-') this.#at++;
      this.#readDigits('in exponent of numeric literal');
    }
    const spelling = this.#text.slice(start, this.#at);
    const number = Number(spelling);
    if (String(number) === spelling) return number;
    const integer = spelling.length <= INT64_LENGTH_MAX && INTEGER.test(spelling) ? BigInt(spelling) : undefined;
    return integer !== undefined && BigInt.asIntN(64, integer) === integer ? integer : new NumberLiteral(spelling);
  }

  #readDigits(context: string): void {
    if (!isDigit(this.#text[this.#at])) throw this.#broken(context);
    while (isDigit(this.#text[this.#at])) this.#at++;
  }

  /** From the opening quote to behind the closing one. */
  #readString(): string {
    const start = this.#at++;
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === 0x22) break;
      if (code === 0x5c) this.#checkEscape();
      else if (Number.isNaN(code)) throw endOfInput();
      else if (code < 0x20) throw this.#unexpected('in string literal');
      else this.#at++;
    }
    this.#at++;
    const text: unknown = JSON.parse(this.#text.slice(start, this.#at));
    return String(text);
  }

  #checkEscape(): void {
    this.#at++;
    const character = this.#text[this.#at];
    if (character === undefined || !'bfnrt\\/"u'.includes(character)) throw this.#broken('in string escape code');
    this.#at++;
    if (character !== 'u') return;
    for (let digit = 0; digit < 4; digit++) {
      if (!/^[0-9a-fA-F]$/.test(this.#text[this.#at] ?? '')) throw this.#broken('in \\u hexadecimal character escape');
      this.#at++;
    }
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at++;
    }
  }

  #unexpected(context: string): JsonSyntaxError {
    return this.#at >= this.#text.length ? endOfInput() : this.#broken(context);
  }

  /** Inside a token Go takes the end of the text for a space. */
  #broken(context: string): JsonSyntaxError {
    const code = this.#text.codePointAt(this.#at) ?? 0x20;
    return new JsonSyntaxError(`invalid character ${quoteCharacter(firstByte(code))} ${context}`);
  }
}

const endOfInput = (): JsonSyntaxError => new JsonSyntaxError('unexpected end of JSON input');

const isDigit = (character: string | undefined): boolean =>
  character !== undefined && character >= '0' && character <= '9';

/** Go's scanner sees UTF-8, and names the first byte of a character as if it were one. */
function firstByte(code: number): number {
  if (code < 0x80) return code;
  if (code < 0x800) return 0xc0 | (code >> 6);
  return code < 0x1_0000 ? 0xe0 | (code >> 12) : 0xf0 | (code >> 18);
}

function quoteCharacter(byte: number): string {
  if (byte === 0x27) return "'\\''";
  if (byte === 0x22) return `'"'`;
  return `'${goQuote(String.fromCharCode(byte)).slice(1, -1)}'`;
}
