/**
 * Mirrors how upstream reads YAML bodies (sigs.k8s.io/yaml over go-yaml 2): the first document, as the JSON it converts to. The
 * `yaml` package parses; what scalars, keys, merges and aliases mean is decided here, by go-yaml's rules. Left out: most of
 * go-yaml's words for syntax errors; the common ones are its own.
 */
import type { Node, Pair, YAMLError, CST } from 'yaml';
import { Composer, isAlias, isMap, isPair, isScalar, isSeq, Parser } from 'yaml';
import { goFormat, goNumber, goQuote } from '../go-text.js';
import { NumberLiteral } from '../schema/number-literal.js';
import type { ParsedValue } from '../structure.js';
import { isJsonObject, setOwn } from '../structure.js';
import { parsePlainJson } from './parse-json.js';
import { resolvePlainScalar, textOfBase64 } from './yaml-scalar.js';

/** Nesting that the parser's call stack holds with room to spare. go-yaml stops at 10,000. */
export const YAML_DEPTH_MAX = 256;
/** go-yaml's guard against documents that aliases blow up. */
const ALIASED_NODES_MIN = 100;
const NODES_MIN = 1_000;
const NODES_OF_FULL_RATIO = 400_000;
const NODES_OF_LEAST_RATIO = 4_000_000;

/** Duplicates beyond this are not reported. */
const DUPLICATES_MAX = 100;

const TAG_PREFIX = 'tag:yaml.org,2002:';

export type ParsedYaml =
  | {
      readonly value: ParsedValue;
      /** The strict error about duplicate keys: `yaml: unmarshal errors:\n  line 8: key "k" already set in map`. */
      readonly strictFault: string | undefined;
      readonly fault?: undefined;
    }
  /** `yaml: line 3: mapping values are not allowed in this context` */
  | { readonly fault: string; readonly value?: undefined; readonly strictFault?: undefined };

export function parseYaml(text: string): ParsedYaml {
  const json = /^\s*\{/.test(text) ? parsePlainJson(text, true) : undefined;
  if (json !== undefined) return { value: json, strictFault: undefined };
  try {
    const root = firstDocument(text);
    const conversion = new Conversion(text);
    const value = root === null ? null : conversion.convert(root, 0);
    return { value, strictFault: conversion.strictFault };
  } catch (error) {
    if (error instanceof YamlFault) return { fault: error.message };
    throw error;
  }
}

class YamlFault extends Error {
  override readonly name = 'YamlFault';
}

function firstDocument(text: string): Node | null {
  if (hasControlCharacter(text)) throw new YamlFault('yaml: control characters are not allowed');
  const composer = new Composer({
    version: '1.1',
    schema: 'failsafe',
    resolveKnownTags: false,
    uniqueKeys: false,
    prettyErrors: false,
  });
  for (const document of composer.compose(boundedTokens(text))) {
    const [error] = document.errors;
    if (error !== undefined) throw new YamlFault(syntaxFault(text, error, document.errors));
    return document.contents;
  }
  return null;
}

/** The parser itself needs no call stack; what composes its tokens does, so their depth is measured in between. */
function* boundedTokens(text: string): Generator<CST.Token> {
  for (const token of new Parser().parse(text)) {
    if (token.type === 'document' && token.value !== undefined && isDeep(token.value)) {
      throw new YamlFault(`yaml: exceeded max depth of ${YAML_DEPTH_MAX}`);
    }
    yield token;
  }
}

function isDeep(root: CST.Token): boolean {
  let level: readonly CST.Token[] = [root];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > YAML_DEPTH_MAX) return true;
    level = level.flatMap((token) =>
      'items' in token
        ? token.items.flatMap(({ key, value }) => [key, value].filter((each) => each !== undefined && each !== null))
        : [],
    );
  }
  return false;
}

/** go-yaml counts lines from 0, adds one for errors of its scanner, and names no line 0. */
function syntaxFault(text: string, error: YAMLError, all: readonly YAMLError[]): string {
  const multiline = all.find((each) => each.code === 'MULTILINE_IMPLICIT_KEY');
  const place = multiline?.pos[1] ?? error.pos[0];
  const line = text.slice(0, place).split('\n').length - 1;
  return `yaml: ${line === 0 ? '' : `line ${line + 1}: `}${wordsFor(error.code)}`;
}

function wordsFor(code: YAMLError['code']): string {
  switch (code) {
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'MULTILINE_IMPLICIT_KEY':
      return 'mapping values are not allowed in this context';
    case 'TAB_AS_INDENT':
    case 'BAD_SCALAR_START':
      return 'found character that cannot start any token';
    case 'MISSING_CHAR':
      return 'found unexpected end of stream';
    case 'UNEXPECTED_TOKEN':
      return 'did not find expected key';
    default:
      return 'did not find expected node content';
  }
}

/** Turns nodes into JSON, anchors resolved as they come, duplicates noted. */
class Conversion {
  readonly #text: string;
  readonly #anchors = new Map<string, Node>();
  readonly #open = new Set<Node>();
  readonly #duplicates: string[] = [];
  #nodes = 0;
  #aliasedNodes = 0;
  #aliasDepth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get strictFault(): string | undefined {
    return this.#duplicates.length === 0 ? undefined : `yaml: unmarshal errors:\n  ${this.#duplicates.join('\n  ')}`;
  }

  convert(node: Node, depth: number): ParsedValue {
    this.#count(depth);
    if (isAlias(node)) return this.#convertAlias(node.source, depth);
    if ('anchor' in node && typeof node.anchor === 'string') this.#anchors.set(node.anchor, node);
    if (isScalar(node)) return this.#finite(scalarValue(node));
    this.#open.add(node);
    const value = isSeq(node) ? this.#convertList(node.items, depth) : this.#convertMap(node, depth);
    this.#open.delete(node);
    return value;
  }

  #convertAlias(name: string, depth: number): ParsedValue {
    const target = this.#anchors.get(name);
    if (target === undefined) throw new YamlFault(`yaml: unknown anchor '${name}' referenced`);
    if (this.#open.has(target)) throw new YamlFault(`yaml: anchor '${name}' value contains itself`);
    this.#aliasDepth++;
    const value = this.convert(target, depth + 1);
    this.#aliasDepth--;
    return value;
  }

  #convertList(items: readonly unknown[], depth: number): ParsedValue {
    return items.map((item) => (isNode(item) ? this.convert(item, depth + 1) : null));
  }

  #convertMap(node: Node, depth: number): ParsedValue {
    const object: Record<string, ParsedValue> = {};
    const pairs: readonly Pair[] = isMap(node) ? node.items.filter((item) => isPair(item)) : [];
    for (const { key, value } of pairs) {
      if (isMergeKey(key)) {
        this.#merge(object, value, depth);
        continue;
      }
      const keyValue = isNode(key) ? this.convert(key, depth + 1) : null;
      const name = keyText(keyValue);
      if (Object.hasOwn(object, name)) this.#noteDuplicate(keyValue, isNode(value) ? value : key);
      setOwn(object, name, isNode(value) ? this.convert(value, depth + 1) : null);
    }
    return object;
  }

  /** As go-yaml 2: a merge overrides what stands before it; of several sources the first wins. */
  #merge(target: Record<string, ParsedValue>, source: unknown, depth: number): void {
    const value = isNode(source) ? this.convert(source, depth + 1) : null;
    const sources: readonly ParsedValue[] = Array.isArray(value) ? value.toReversed() : [value];
    for (const each of sources) {
      if (!isJsonObject(each)) throw new YamlFault('yaml: map merge requires map or sequence of maps as the value');
      for (const [key, merged] of Object.entries(each)) setOwn(target, key, merged);
    }
  }

  #noteDuplicate(key: ParsedValue, at: unknown): void {
    if (this.#duplicates.length >= DUPLICATES_MAX) return;
    const offset = isNode(at) ? (at.range?.[0] ?? 0) : 0;
    const line = this.#text.slice(0, offset).split('\n').length;
    const text = typeof key === 'string' ? goQuote(key) : goFormat(key);
    this.#duplicates.push(`line ${line}: key ${text} already set in map`);
  }

  #finite(value: ParsedValue): ParsedValue {
    if (typeof value !== 'number' || Number.isFinite(value)) return value;
    throw new YamlFault(`json: unsupported value: ${goNumber(value)}`);
  }

  #count(depth: number): void {
    if (depth > YAML_DEPTH_MAX) throw new YamlFault(`yaml: exceeded max depth of ${YAML_DEPTH_MAX}`);
    this.#nodes++;
    if (this.#aliasDepth > 0) this.#aliasedNodes++;
    if (this.#aliasedNodes <= ALIASED_NODES_MIN || this.#nodes <= NODES_MIN) return;
    if (this.#aliasedNodes / this.#nodes <= allowedAliasRatio(this.#nodes)) return;
    throw new YamlFault('yaml: document contains excessive aliasing');
  }
}

function scalarValue(node: { readonly value: unknown; readonly tag?: string; readonly type?: string }): ParsedValue {
  const text = typeof node.value === 'string' ? node.value : '';
  const tag = node.tag?.startsWith(TAG_PREFIX) === true ? node.tag.slice(TAG_PREFIX.length) : undefined;
  if (tag === 'binary') {
    const decoded = textOfBase64(text);
    if (decoded === undefined) throw new YamlFault('yaml: !!binary value contains invalid base64 data');
    return decoded;
  }
  const isTyped = tag === 'int' || tag === 'float' || tag === 'bool' || tag === 'null';
  if (tag === 'str' || (!isTyped && (node.type !== 'PLAIN' || node.tag !== undefined))) return text;
  const value = resolvePlainScalar(text);
  if (isTyped && !matchesTag(tag, value)) throw new YamlFault(`yaml: cannot decode !!str \`${text}\` as a !!${tag}`);
  return value;
}

function matchesTag(tag: 'int' | 'float' | 'bool' | 'null', value: ParsedValue): boolean {
  if (tag === 'bool') return typeof value === 'boolean';
  if (tag === 'null') return value === null;
  return typeof value === 'number' || value instanceof NumberLiteral;
}

/** JSON keys are strings: what YAML reads as something else is written out. */
function keyText(key: ParsedValue): string {
  if (typeof key === 'string') return key;
  if (typeof key === 'number') return goNumber(key);
  if (typeof key === 'boolean') return String(key);
  if (key instanceof NumberLiteral) return key.text;
  if (key === null) throw new YamlFault('unsupported map key of type: %!s(<nil>), key: <nil>');
  throw new YamlFault(`yaml: invalid map key: ${goFormat(key)}`);
}

const isMergeKey = (key: unknown): boolean => isScalar(key) && key.value === '<<' && key.type === 'PLAIN';

const isNode = (value: unknown): value is Node => isScalar(value) || isMap(value) || isSeq(value) || isAlias(value);

/** From 99 % for small documents down to 10 % for large ones. */
function allowedAliasRatio(nodes: number): number {
  const share = (nodes - NODES_OF_FULL_RATIO) / (NODES_OF_LEAST_RATIO - NODES_OF_FULL_RATIO);
  return 0.99 - 0.89 * Math.min(Math.max(share, 0), 1);
}

function hasControlCharacter(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 127 || (code < 32 && code !== 9 && code !== 10 && code !== 13)) return true;
  }
  return false;
}
