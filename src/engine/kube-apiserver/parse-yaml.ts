import { parseDocument, type Document } from 'yaml';
import type { ParsedJson } from '../machinery/json/parse-json.js';
import { goQuote } from '../machinery/go-text.js';
import type { ParsedValue } from '../machinery/structure.js';

/** Expansions of aliases in one document: more is an attack. */
const ALIASES_MAX = 100;

export type ParsedYaml = ParsedJson & {
  /** Of keys that a map holds twice, in Go's words: `line 8: key "k" already set in map`. */
  readonly doubled?: readonly string[];
};

/** Reads the first document of a YAML text as upstream does: YAML 1.1, keys made text and sorted, an empty text as null. */
export function parseYaml(text: string): ParsedYaml {
  const source = firstDocument(text);
  const document = parseDocument(source, {
    version: '1.1',
    merge: true,
    prettyErrors: false,
    strict: false,
    logLevel: 'silent',
  });
  const fatal = document.errors.find(({ code }) => code !== 'DUPLICATE_KEY');
  if (fatal !== undefined) return { fault: faultOf(fatal.code, fatal.message, source.slice(0, fatal.pos[1])) };
  const doubled = document.errors.map(({ pos: [start, end] }) => {
    const key = source.slice(start, end).replace(/^["']|["']$/g, '');
    return `line ${source.slice(0, start).split('\n').length}: key ${goQuote(key)} already set in map`;
  });
  return { ...valueOf(document), doubled };
}

function valueOf(document: Document.Parsed): ParsedJson {
  try {
    const value = document.toJS({ maxAliasCount: ALIASES_MAX }) as unknown;
    return { value: plain(value), duplicates: [] };
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    const anchor = /: (\S+)$/.exec(error.message)?.[1];
    const fault = anchor === undefined ? error.message : `unknown anchor '${anchor}' referenced`;
    return { fault: `yaml: ${fault}` };
  }
}

/** Dates, binaries and keys that are no strings, as JSON has them. */
function plain(value: unknown): ParsedValue {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Uint8Array) return Array.from(value, (byte) => String.fromCharCode(byte)).join('');
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'object') return value as ParsedValue;
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  const members = entries.map(([key, each]): [string, ParsedValue] => [String(key), plain(each)]);
  return Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Upstream reads one document and ignores what follows. */
function firstDocument(text: string): string {
  const body = text.replace(/^(?:---[ \t]*\r?\n)/, '');
  const end = /^---(?:[ \t]|\r?$)/m.exec(body);
  return end === null ? body : body.slice(0, end.index);
}

function faultOf(code: string, message: string, before: string): string {
  const line = before.split('\n').length;
  // Go's reader counts from nought and says nothing of that.
  const place = line === 1 ? 'yaml' : `yaml: line ${line}`;
  if (code === 'BLOCK_AS_IMPLICIT_KEY' || /[Nn]ested mappings/.test(message)) {
    return `${place}: mapping values are not allowed in this context`;
  }
  const alias = /[Uu]nresolved alias.*: (\S+)$/.exec(message)?.[1];
  return alias === undefined ? `${place}: ${message}` : `yaml: unknown anchor '${alias}' referenced`;
}
