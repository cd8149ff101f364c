import { parseDocument, type Document } from 'yaml';
import type { ParsedJson } from '../machinery/json/parse-json.js';
import type { ParsedValue } from '../machinery/structure.js';

/** Expansions of aliases in one document: more is an attack. */
const ALIASES_MAX = 100;

/** Reads the first document of a YAML text as upstream does: YAML 1.1, keys made text, an empty text as null. */
export function parseYaml(text: string): ParsedJson {
  const document = parseDocument(firstDocument(text), {
    version: '1.1',
    merge: true,
    uniqueKeys: false,
    prettyErrors: false,
    strict: false,
    logLevel: 'silent',
  });
  const [error] = document.errors;
  if (error !== undefined) return { fault: faultOf(error.code, error.message, text.slice(0, error.pos[1])) };
  return valueOf(document);
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
  return Object.fromEntries(entries.map(([key, each]): [string, ParsedValue] => [String(key), plain(each)]));
}

/** Upstream reads one document and ignores what follows. */
function firstDocument(text: string): string {
  const body = text.replace(/^(?:---[ \t]*\r?\n)/, '');
  const end = /^---(?:[ \t]|\r?$)/m.exec(body);
  return end === null ? body : body.slice(0, end.index);
}

function faultOf(code: string, message: string, before: string): string {
  const line = before.split('\n').length;
  if (code === 'BLOCK_AS_IMPLICIT_KEY' || /[Nn]ested mappings/.test(message)) {
    return `yaml: line ${line}: mapping values are not allowed in this context`;
  }
  const alias = /[Uu]nresolved alias.*: (\S+)$/.exec(message)?.[1];
  return alias === undefined ? `yaml: line ${line}: ${message}` : `yaml: unknown anchor '${alias}' referenced`;
}
