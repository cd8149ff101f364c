import { assert } from './assert.js';

/** The four words of the generator: enough to continue a sequence exactly where it stood. */
export type RandomState = readonly [number, number, number, number];

/** Kubernetes' alphabet for generated names: no vowels and no look-alikes, so that no words arise. */
const SUFFIX_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;
const WARM_UP_ROUNDS = 12;
const WORD_RANGE = 2 ** 32;
/** Every byte in hexadecimal. */
const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** A seeded generator (sfc32): small state, long period, the same sequence on every machine. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter: number;

  constructor(state: RandomState) {
    [this.#a, this.#b, this.#c, this.#counter] = state;
  }

  static seeded(seed: number): Random {
    const random = new Random([seed | 0, Math.floor(seed / WORD_RANGE) | 0, 0x9e3779b9 | 0, 1]);
    for (let round = 0; round < WARM_UP_ROUNDS; round++) random.word();
    return random;
  }

  get state(): RandomState {
    return [this.#a, this.#b, this.#c, this.#counter];
  }

  /** A generator of its own, drawn from this one: its use does not disturb this one's sequence. */
  split(): Random {
    return new Random([this.word() | 0, this.word() | 0, this.word() | 0, 1]);
  }

  /** An integer from 0 to 2^32 - 1. */
  word(): number {
    const result = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0;
    return result >>> 0;
  }

  /** A number from 0 up to, but not including, 1. */
  fraction(): number {
    return this.word() / WORD_RANGE;
  }

  /** An integer from 0 up to, but not including, `bound`. */
  below(bound: number): number {
    assert(bound > 0 && bound <= WORD_RANGE, `a bound of ${bound} is outside 1 to 2^32`);
    return Math.floor(this.fraction() * bound);
  }

  /**
   * A random (version 4) UUID in its usual text form. Joined, because a text that is added up stays a chain of its parts for as
   * long as it lives, and takes five times the memory.
   */
  uuid(): string {
    const a = this.word();
    const b = this.word();
    const c = this.word();
    const d = this.word();
    const versioned = (b & 0xffff0fff) | 0x00004000;
    const variant = (c & 0x3fffffff) | 0x80000000;
    const first = hex(versioned);
    const second = hex(variant);
    return [hex(a), first.slice(0, 4), first.slice(4), second.slice(0, 4), second.slice(4) + hex(d)].join('-');
  }

  /** The suffix that the API server appends to a `generateName`. */
  nameSuffix(length = SUFFIX_LENGTH): string {
    let suffix = '';
    while (suffix.length < length) suffix += SUFFIX_ALPHABET.charAt(this.below(SUFFIX_ALPHABET.length));
    return suffix;
  }
}

const hex = (word: number): string =>
  HEX[word >>> 24]! + HEX[(word >>> 16) & 0xff]! + HEX[(word >>> 8) & 0xff]! + HEX[word & 0xff]!;
