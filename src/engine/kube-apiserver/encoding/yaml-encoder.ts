import { Document, Scalar, visit } from 'yaml';
import type { ScalarTag, Tags } from 'yaml';
import type { BodyEncoder } from './body-encoder.js';

const LINE_WIDTH = 80;

/** YAML in the style of sigs.k8s.io/yaml: keys in order of the alphabet, lists at their key's column, quotes only where needed. */
export const yamlEncoder: BodyEncoder = Object.freeze<BodyEncoder>({
  mediaType: 'application/yaml',
  canStream: false,
  isTyped: false,
  encode: (body, _isPretty, text) => [text.encode(yamlOf(body.value))],
});

export function yamlOf(value: unknown): string {
  const document = new Document(value, {
    version: '1.1',
    schema: 'yaml-1.1',
    sortMapEntries: true,
    aliasDuplicateObjects: false,
    customTags: (tags) => tags.map((tag) => (readsPoints(tag) ? { ...tag, test: FLOAT } : tag)),
  });
  visit(document, {
    Scalar(_key, node) {
      if (typeof node.value === 'string' && readsAsSomethingElse(node.value)) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return folded(document.toString({ indentSeq: false, lineWidth: 0, singleQuote: true, nullStr: 'null' }));
}

/** A point without a digit is text: the package's own rule takes it for a number. */
const FLOAT = /^[-+]?(?:\d[\d_]*\.[\d_]*|\.\d[\d_]*)$/;
const readsPoints = (tag: Tags[number]): tag is ScalarTag =>
  typeof tag === 'object' && tag.tag === 'tag:yaml.org,2002:float' && (tag as ScalarTag).test?.test('.') === true;

/** Breaks long lines where go-yaml does: at the first single space past the width. Literal blocks stay as they are. */
function folded(text: string): string {
  if (!LONG_LINE.test(text)) return text;
  const lines: string[] = [];
  let literalIndent = Infinity;
  for (const line of text.split('\n')) {
    const indent = line.search(/[^ ]|$/);
    if (line !== '' && indent <= literalIndent) literalIndent = /(?:^|[ :])[|>][-+]?$/.test(line) ? indent : Infinity;
    const isLiteral = literalIndent !== Infinity && indent > literalIndent;
    if (isLiteral || line.length <= LINE_WIDTH) lines.push(line);
    else lines.push(...foldedLine(line));
  }
  return lines.join('\n');
}

function foldedLine(line: string): readonly string[] {
  const start = /^ *(?:- )*/.exec(line)![0].length;
  const continuation = ' '.repeat(/^[^\s'"][^ ]*: /.test(line.slice(start)) ? start + 2 : start);
  const lines: string[] = [];
  let rest = line;
  for (;;) {
    let at = LINE_WIDTH + 1;
    while (at < rest.length && !(rest[at] === ' ' && rest[at - 1] !== ' ' && rest[at + 1] !== ' ')) at++;
    lines.push(rest.slice(0, at));
    if (at >= rest.length - 1) return lines;
    rest = continuation + rest.slice(at + 1);
  }
}

const LONG_LINE = new RegExp(`.{${LINE_WIDTH + 1}}`);
const BOOLEANS = /^(?:y|n|yes|no|on|off|true|false|null|~)$/i;
const NUMBERS = [
  /^[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[\da-f_]+|[1-9][\d_]*)$/i,
  /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:e[-+]?\d+)?$/i,
  /^[-+]?\.(?:inf|nan)$/i,
  /^[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?$/,
];
const TIMES = /^\d{4}-\d\d?-\d\d?(?:[Tt ].*)?$/;

/** A plain scalar of this text would not be read as text by every reader of YAML 1.1. */
const readsAsSomethingElse = (text: string): boolean =>
  text === '' || BOOLEANS.test(text) || TIMES.test(text) || NUMBERS.some((pattern) => pattern.test(text));
