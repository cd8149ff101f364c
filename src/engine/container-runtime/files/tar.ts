import type { TextCodec } from '../../machinery/text-codec.port.js';
import { joinBytes } from './join-bytes.js';

const BLOCK = 512;
/** GNU tar writes records of this many bytes. */
const RECORD = 20 * BLOCK;
const NAME_MAX = 100;
/** A name or a set of attributes that comes as an entry of its own. */
const LONG_TEXT_MAX = 64 * 1_024;

export interface TarEntry {
  /** Directories end in a slash. */
  readonly name: string;
  readonly type: 'file' | 'directory' | 'link' | 'other';
  readonly mode: number;
  /** Seconds since the epoch. */
  readonly modified: number;
  readonly content: Uint8Array;
  readonly target?: string;
}

/** Ustar, with GNU's entries for long names. */
export function encodeTar(entries: Iterable<TarEntry>, text: TextCodec): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const entry of entries) {
    const name = text.encode(entry.name);
    if (name.length > NAME_MAX) addLongName(parts, name);
    parts.push(header(name, entry, text));
    pad(parts, entry.content);
  }
  parts.push(new Uint8Array(2 * BLOCK));
  const bytes = parts.reduce((sum, part) => sum + part.length, 0);
  parts.push(new Uint8Array((RECORD - (bytes % RECORD)) % RECORD));
  return joinBytes(parts);
}

function addLongName(parts: Uint8Array[], name: Uint8Array): void {
  const content = joinBytes([name, new Uint8Array(1)]);
  const block = new Uint8Array(BLOCK);
  ascii(block, 0, '././@LongLink');
  fillHeader(block, { mode: 0, modified: 0, size: content.length, flag: 'L' });
  parts.push(block);
  pad(parts, content);
}

function header(name: Uint8Array, entry: TarEntry, text: TextCodec): Uint8Array {
  const block = new Uint8Array(BLOCK);
  block.set(name.subarray(0, NAME_MAX), 0);
  if (entry.target !== undefined) block.set(text.encode(entry.target).subarray(0, NAME_MAX), 157);
  const flag = entry.type === 'directory' ? '5' : entry.type === 'link' ? '2' : '0';
  fillHeader(block, { mode: entry.mode, modified: entry.modified, size: entry.content.length, flag });
  return block;
}

function fillHeader(
  block: Uint8Array,
  { mode, modified, size, flag }: { mode: number; modified: number; size: number; flag: string },
): void {
  ascii(block, 100, `${octal(mode, 7)}\0`);
  ascii(block, 108, `${octal(0, 7)}\0${octal(0, 7)}\0`);
  ascii(block, 124, `${octal(size, 11)}\0${octal(modified, 11)}\0`);
  ascii(block, 148, '        ');
  ascii(block, 156, flag);
  ascii(block, 257, 'ustar  \0root');
  ascii(block, 297, 'root');
  ascii(block, 148, `${octal(checksum(block), 6)}\0 `);
}

function pad(parts: Uint8Array[], content: Uint8Array): void {
  if (content.length === 0) return;
  parts.push(content, new Uint8Array((BLOCK - (content.length % BLOCK)) % BLOCK));
}

const octal = (value: number, width: number): string => value.toString(8).padStart(width, '0').slice(-width);

function ascii(block: Uint8Array, at: number, value: string): void {
  for (let index = 0; index < value.length; index++) block[at + index] = value.charCodeAt(index) & 0x7f;
}

/** The sum of a header's bytes, its checksum field taken as spaces. */
const checksum = (block: Uint8Array): number =>
  block.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte), 0);

/** Reads an archive as it arrives. */
export class TarReader {
  readonly #text: TextCodec;
  readonly #bytesMax: number;
  #pending: Uint8Array[] = [];
  #length = 0;
  /** How many bytes the next step needs. */
  #wanted = BLOCK;
  #longName: string | undefined;
  #attributes: ReadonlyMap<string, string> = new Map();
  #isOver = false;
  #fault: string | undefined;

  /** Entries of more than `bytesMax` bytes are a fault. */
  constructor(text: TextCodec, bytesMax: number) {
    this.#text = text;
    this.#bytesMax = bytesMax;
  }

  /** Whether the archive's end was seen. */
  get isOver(): boolean {
    return this.#isOver;
  }

  get fault(): string | undefined {
    return this.#fault;
  }

  /** Whether it stands in the middle of an entry. */
  get isIncomplete(): boolean {
    return !this.#isOver && this.#length > 0;
  }

  /** The entries that have become whole. */
  push(bytes: Uint8Array): readonly TarEntry[] {
    const entries: TarEntry[] = [];
    if (this.#isOver || this.#fault !== undefined) return entries;
    this.#pending.push(bytes);
    this.#length += bytes.length;
    if (this.#length < this.#wanted) return entries;
    let rest = joinBytes(this.#pending);
    while (rest.length >= this.#wanted && !this.#isOver && this.#fault === undefined) {
      const taken = this.#take(rest, entries);
      if (taken === 0) break;
      rest = rest.subarray(taken);
    }
    this.#pending = [rest.slice()];
    this.#length = rest.length;
    return entries;
  }

  #take(bytes: Uint8Array, entries: TarEntry[]): number {
    const block = bytes.subarray(0, BLOCK);
    if (block.every((byte) => byte === 0)) {
      this.#isOver = true;
      return BLOCK;
    }
    if (checksum(block) !== this.#octal(block, 148, 8)) {
      this.#fault = 'This does not look like a tar archive';
      return 0;
    }
    const size = Number(this.#attributes.get('size') ?? this.#octal(block, 124, 12));
    if (!(size <= this.#bytesMax)) {
      this.#fault = 'No space left on device';
      return 0;
    }
    const whole = BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    if (bytes.length < whole) {
      this.#wanted = whole;
      return 0;
    }
    this.#wanted = BLOCK;
    this.#entry(block, bytes.slice(BLOCK, BLOCK + size), entries);
    return whole;
  }

  #entry(block: Uint8Array, content: Uint8Array, entries: TarEntry[]): void {
    const flag = String.fromCharCode(block[156] ?? 0);
    if ('LKxg'.includes(flag)) return this.#describe(flag, content);
    const prefix = this.#string(block, 257, 6) === 'ustar' ? this.#string(block, 345, 155) : '';
    const short = `${prefix === '' ? '' : `${prefix}/`}${this.#string(block, 0, NAME_MAX)}`;
    const name = this.#attributes.get('path') ?? this.#longName ?? short;
    const target = this.#attributes.get('linkpath') ?? this.#string(block, 157, NAME_MAX);
    this.#longName = undefined;
    this.#attributes = new Map();
    const isDirectory = flag === '5' || (flag === '0' && name.endsWith('/'));
    const type = isDirectory ? 'directory' : flag === '2' ? 'link' : flag === '0' || flag === '\0' ? 'file' : 'other';
    const mode = this.#octal(block, 100, 8) & 0o7777;
    const modified = this.#octal(block, 136, 12);
    entries.push({ name, type, mode, modified, content, ...(type === 'link' ? { target } : {}) });
  }

  /** An entry about the next one: GNU's long name, or POSIX's attributes. */
  #describe(flag: string, content: Uint8Array): void {
    const value = this.#text.decode(content.subarray(0, LONG_TEXT_MAX));
    if (flag === 'L') this.#longName = value.replace(/\0.*$/s, '');
    if (flag !== 'x') return;
    this.#attributes = new Map(
      Array.from(value.matchAll(/^\d+ ([^=\n]+)=(.*)$/gm), ([, key = '', text = '']) => [key, text]),
    );
  }

  #octal(block: Uint8Array, at: number, width: number): number {
    const digits = this.#string(block, at, width).trim();
    return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : 0;
  }

  #string(block: Uint8Array, at: number, width: number): string {
    const field = block.subarray(at, at + width);
    const end = field.indexOf(0);
    return this.#text.decode(end < 0 ? field : field.subarray(0, end));
  }
}
