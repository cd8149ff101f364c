import { JSON_DEPTH_MAX } from './json-reader.js';

/** Longest integer literal that a double always holds exactly. */
const EXACT_DIGITS_MAX = 15;

const QUOTE = 34;
const DOT = 46;
const DIGIT_0 = 48;
const DIGIT_9 = 57;
const COLON = 58;
const UPPER_E = 69;
const OPENING_BRACKET = 91;
const BACKSLASH = 92;
const CLOSING_BRACKET = 93;
const LOWER_E = 101;
const LOWER_U = 117;
const OPENING_BRACE = 123;
const CLOSING_BRACE = 125;

/** What one look at a text of JSON finds. What it says of text that is no JSON is of no use, and does no harm. */
export interface Outline {
  /** How many fields its objects have, doubled ones counted each time. */
  readonly fields: number;
  /** How many objects and lists are around the place that was asked for. */
  readonly depth: number;
}

/**
 * Counts the fields by their colons; `undefined` when the text holds what JSON.parse would not give back truly: numbers whose
 * spelling matters, halves of surrogate pairs, too deep a nesting.
 */
export function outlineOf(text: string, place = text.length): Outline | undefined {
  const { length } = text;
  const hasEscapes = text.includes('\\');
  let fields = 0;
  let depth = 0;
  let depthThere = -1;
  for (let index = 0; index < length; index++) {
    if (index >= place && depthThere < 0) depthThere = depth;
    const code = text.charCodeAt(index);
    if (code === QUOTE) {
      index = hasEscapes ? endOfString(text, index + 1) : text.indexOf('"', index + 1);
      if (index < 0) return undefined;
    } else if (code === COLON) {
      fields++;
    } else if (code === OPENING_BRACE || code === OPENING_BRACKET) {
      if (++depth > JSON_DEPTH_MAX) return undefined;
    } else if (code === CLOSING_BRACE || code === CLOSING_BRACKET) {
      depth--;
    } else if (isDigit(code)) {
      const start = index;
      while (isDigit(text.charCodeAt(index + 1))) index++;
      const next = text.charCodeAt(index + 1);
      if (next === DOT || next === LOWER_E || next === UPPER_E || index - start >= EXACT_DIGITS_MAX) return undefined;
    }
  }
  return { fields, depth: depthThere };
}

/** The place behind the object or list that starts at `start`; -1 when it does not end. */
export function endOfValue(text: string, start: number): number {
  const { length } = text;
  let depth = 0;
  for (let index = start; index < length; index++) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) {
      index = endOfString(text, index + 1);
      if (index < 0) return -1;
    } else if (code === OPENING_BRACE || code === OPENING_BRACKET) {
      depth++;
    } else if ((code === CLOSING_BRACE || code === CLOSING_BRACKET) && --depth <= 0) {
      return index + 1;
    }
  }
  return -1;
}

/** The place of the quote that closes a string; -1 without one, and where half of a surrogate pair is written as an escape. */
function endOfString(text: string, start: number): number {
  const { length } = text;
  for (let index = start; index < length; index++) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) return index;
    if (code !== BACKSLASH) continue;
    index++;
    if (text.charCodeAt(index) === LOWER_U && SURROGATE.test(text.slice(index + 1, index + 3))) return -1;
  }
  return -1;
}

/** How the code of a half begins. */
const SURROGATE = /^[dD][89a-fA-F]/;

const isDigit = (code: number): boolean => code >= DIGIT_0 && code <= DIGIT_9;
