import { goQuote } from '../go-text.js';
import { NumberLiteral } from '../schema/number-literal.js';
import type { ParsedValue } from '../structure.js';
import { setOwn } from '../structure.js';

/** Nesting that Go's decoder still reads. The reader keeps its own stack: the engine's call stack would end sooner. */
export const JSON_DEPTH_MAX = 10_000;
/** Duplicates beyond this are not reported, as upstream's are not. */
const DUPLICATES_MAX = 100;

const END_MESSAGE = 'unexpected end of JSON input';
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};
const LITERALS: readonly (readonly [string, ParsedValue])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
];

/** A syntax error in Go's words, without a place, as Go gives none. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
}

export interface FieldPlace {
  /** Such as `spec.containers[0].image`. */
  readonly path: string;
  /** Offset of the key in the text. */
  readonly position: number;
}

interface ObjectFrame {
  readonly kind: 'object';
  readonly value: Record<string, ParsedValue>;
  /** Of this frame in the document; concatenation is lazy, so that depth costs nothing until a path is looked at. */
  readonly path: string;
  key: string;
  reported: Set<string> | undefined;
}

interface ArrayFrame {
  readonly kind: 'array';
  readonly value: ParsedValue[];
  readonly path: string;
}

type Frame = ObjectFrame | ArrayFrame;

/**
 * Reads JSON as Go's `encoding/json` does, with its error messages, keeping the spelling of numbers and noting duplicate
 * fields (the last value wins). It is the slow, exact road; most texts are read by JSON.parse.
 */
export class JsonReader {
  readonly #text: string;
  readonly #wanted: ReadonlySet<string>;
  readonly #wantedLengthMax: number;
  readonly #stack: Frame[] = [];
  readonly #duplicates: FieldPlace[] = [];
  readonly #places = new Map<string, number>();
  #position = 0;

  /** `wanted` are paths of fields whose places shall be noted. */
  constructor(text: string, wanted: ReadonlySet<string> = new Set()) {
    this.#text = text;
    this.#wanted = wanted;
    this.#wantedLengthMax = Math.max(0, ...[...wanted].map((path) => path.length));
  }

  /** In document order. */
  get duplicates(): readonly FieldPlace[] {
    return this.#duplicates;
  }

  get places(): ReadonlyMap<string, number> {
    return this.#places;
  }

  /** Reads the whole text. Throws a JsonSyntaxError. */
  read(): ParsedValue {
    for (;;) {
      let value = this.#beginValue();
      if (value === undefined) continue;
      for (;;) {
        const frame = this.#stack.at(-1);
        if (frame === undefined) return this.#finish(value);
        this.#attach(frame, value);
        if (!this.#closes(frame)) break;
        this.#stack.pop();
        value = frame.value;
      }
    }
  }

  /** A scalar or an empty container; `undefined` when a container has been opened whose first value is next. */
  #beginValue(): ParsedValue | undefined {
    const character = this.#nextVisible();
    switch (character) {
      case '{':
        this.#push({ kind: 'object', value: {}, path: this.#pathOfNext(), key: '', reported: undefined });
        if (this.#nextVisible() === '}') return this.#closeEmpty();
        this.#readKey();
        return undefined;
      case '[':
        this.#push({ kind: 'array', value: [], path: this.#pathOfNext() });
        return this.#nextVisible() === ']' ? this.#closeEmpty() : undefined;
      case '"':
        return this.#readString();
      default:
        return this.#readNumberOrLiteral(character);
    }
  }

  #push(frame: Frame): void {
    if (this.#stack.length >= JSON_DEPTH_MAX) throw this.#unexpected('exceeded max depth');
    this.#stack.push(frame);
    this.#position++;
  }

  #closeEmpty(): ParsedValue {
    this.#position++;
    const frame = this.#stack.pop();
    return frame === undefined ? null : frame.value;
  }

  #attach(frame: Frame, value: ParsedValue): void {
    if (frame.kind === 'array') frame.value.push(value);
    else setOwn(frame.value, frame.key, value);
  }

  /** Whether the container ends here; otherwise its next value is. */
  #closes(frame: Frame): boolean {
    const character = this.#nextVisible();
    if (frame.kind === 'array') {
      if (character !== ',' && character !== ']') throw this.#unexpected('after array element');
      this.#position++;
      return character === ']';
    }
    if (character !== ',' && character !== '}') throw this.#unexpected('after object key:value pair');
    this.#position++;
    if (character === ',') this.#readKey();
    return character === '}';
  }

  #readKey(): void {
    const character = this.#nextVisible();
    if (character !== '"') throw this.#unexpected('looking for beginning of object key string');
    const position = this.#position;
    const key = this.#readString();
    const frame = this.#stack.at(-1);
    if (frame?.kind === 'object') {
      if (Object.hasOwn(frame.value, key)) this.#noteDuplicate(frame, key, position);
      frame.key = key;
      this.#notePlace(frame, key, position);
    }
    if (this.#nextVisible() !== ':') throw this.#unexpected('after object key');
    this.#position++;
  }

  #noteDuplicate(frame: ObjectFrame, key: string, position: number): void {
    if (this.#duplicates.length >= DUPLICATES_MAX || frame.reported?.has(key) === true) return;
    frame.reported ??= new Set();
    frame.reported.add(key);
    this.#duplicates.push({ path: childPath(frame.path, key), position });
  }

  #notePlace(frame: ObjectFrame, key: string, position: number): void {
    if (frame.path.length + key.length > this.#wantedLengthMax) return;
    const path = childPath(frame.path, key);
    if (this.#wanted.has(path) && !this.#places.has(path)) this.#places.set(path, position);
  }

  #pathOfNext(): string {
    const frame = this.#stack.at(-1);
    if (frame === undefined) return '';
    return frame.kind === 'array' ? `${frame.path}[${frame.value.length}]` : childPath(frame.path, frame.key);
  }

  #readString(): string {
    const text = this.#text;
    let start = ++this.#position;
    let read = '';
    for (;;) {
      const code = text.charCodeAt(this.#position);
      if (code === 34) break;
      if (Number.isNaN(code)) throw new JsonSyntaxError(END_MESSAGE);
      if (code < 32) throw this.#unexpected('in string literal');
      if (code === 92) {
        read += text.slice(start, this.#position) + this.#readEscape();
        start = this.#position;
      } else {
        this.#position++;
      }
    }
    read += text.slice(start, this.#position++);
    return read;
  }

  #readEscape(): string {
    this.#position++;
    const character = this.#here();
    if (character !== 'u') {
      const plain = ESCAPES[character];
      if (plain === undefined) throw this.#unexpected('in string escape code');
      this.#position++;
      return plain;
    }
    const code = this.#readHexadecimal();
    if (code < 0xd800 || code > 0xdfff) return String.fromCharCode(code);
    // A high surrogate counts only with its low one; whatever else is half a pair reads as the replacement character.
    const low = /^\\u([dD][c-fC-F][0-9a-fA-F]{2})/.exec(this.#text.slice(this.#position, this.#position + 6))?.[1];
    if (code > 0xdbff || low === undefined) return '\ufffd';
    this.#position += 6;
    return String.fromCharCode(code, Number.parseInt(low, 16));
  }

  #readHexadecimal(): number {
    this.#position++;
    const start = this.#position;
    for (; this.#position < start + 4; this.#position++) {
      if (!/^[0-9a-fA-F]$/.test(this.#here())) throw this.#unexpected('in \\u hexadecimal character escape');
    }
    return Number.parseInt(this.#text.slice(start, this.#position), 16);
  }

  #readNumberOrLiteral(character: string): ParsedValue {
    if (character === '-' || isDigit(character)) return this.#readNumber();
    for (const [word, value] of LITERALS) {
      if (word[0] !== character) continue;
      for (const expected of word) {
        if (this.#here() !== expected) throw this.#unexpected(`in literal ${word} (expecting '${expected}')`);
        this.#position++;
      }
      return value;
    }
    throw this.#unexpected('looking for beginning of value');
  }

  #readNumber(): ParsedValue {
    const start = this.#position;
    if (this.#here() === '-') this.#position++;
    if (this.#here() === '0') this.#position++;
    else this.#readDigits('in numeric literal');
    if (this.#here() === '.') {
      this.#position++;
      this.#readDigits('after decimal point in numeric literal');
    }
    if (this.#here() === 'e' || this.#here() === 'E') {
      this.#position++;
      if (this.#here() === '+' || this.#here() === '-') this.#position++;
      this.#readDigits('in exponent of numeric literal');
    }
    const text = this.#text.slice(start, this.#position);
    const number = Number(text);
    return String(number) === text || text === '-0' ? number : new NumberLiteral(text);
  }

  #readDigits(context: string): void {
    if (!isDigit(this.#here())) throw this.#unexpected(context);
    while (isDigit(this.#here())) this.#position++;
  }

  #finish(value: ParsedValue): ParsedValue {
    this.#skipSpace();
    if (this.#position < this.#text.length) throw this.#unexpected('after top-level value');
    return value;
  }

  #nextVisible(): string {
    this.#skipSpace();
    return this.#here();
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#position);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return;
      this.#position++;
    }
  }

  /** Empty at the end of the text. */
  #here(): string {
    return this.#text.charAt(this.#position);
  }

  #unexpected(context: string): JsonSyntaxError {
    if (this.#position >= this.#text.length) return new JsonSyntaxError(END_MESSAGE);
    return new JsonSyntaxError(`invalid character ${quotedByte(this.#text, this.#position)} ${context}`);
  }
}

const childPath = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);

const isDigit = (character: string): boolean => character >= '0' && character <= '9' && character !== '';

/** Go reads bytes, so it names the first byte of the character's UTF-8 form. */
function quotedByte(text: string, position: number): string {
  const code = text.charCodeAt(position);
  const byte =
    code < 0x80
      ? code
      : code < 0x800
        ? 0xc0 | (code >> 6)
        : code >= 0xd800 && code <= 0xdbff
          ? 0xf0 | ((((code - 0xd800) << 10) + 0x10000) >> 18)
          : 0xe0 | (code >> 12);
  if (byte === 39) return "'\\''";
  if (byte === 34) return "'\"'";
  return `'${goQuote(String.fromCharCode(byte)).slice(1, -1)}'`;
}
