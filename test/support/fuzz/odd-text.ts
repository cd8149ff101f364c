import type { Chance } from './chance.js';

const DEEP_LEVELS = 20_000;
const LONG_TEXT = 'x'.repeat(70_000);
const NUMBERS = [
  '1e400',
  '-1e400',
  '1E-400',
  '123456789012345678901234567890',
  '9007199254740993',
  '-9223372036854775809',
  '18446744073709551616',
  '0.1e1',
  '-0',
  '1.0000000000000000000001',
];
const POLLUTED = [
  '"__proto__":{"polluted":"yes"}',
  '"constructor":{"prototype":{"polluted":"yes"}}',
  '"__proto__":null',
  '"prototype":{"polluted":"yes"}',
  '"toString":"polluted"',
  '"hasOwnProperty":1',
];

/** What makes a text that no well-meaning client sends of one that such a client might send. */
const TWISTS: readonly ((text: string, chance: Chance) => string | Buffer)[] = [
  // Cut off, or with a character too many, somewhere.
  (text, chance) => text.slice(0, chance.upTo(text.length)),
  (text, chance) => spliced(text, chance, chance.pick(['}', '"', ',', '\\', '\u0000', '[', '/*x*/'])),
  // The keys of prototypes, in any of its objects.
  (text, chance) => inObject(text, chance, chance.pick(POLLUTED)),
  // A field that comes twice.
  (text, chance) => {
    const [field = '"kind":"ConfigMap"'] = /"\w+":(?:"[^"]*"|\d+)/.exec(text.slice(chance.upTo(text.length))) ?? [];
    return inObject(text, chance, field);
  },
  // Numbers that no type holds.
  (text, chance) => text.replace(/:\d+(?=[,}\]])/, `:${chance.pick(NUMBERS)}`),
  (text, chance) => inObject(text, chance, `"replicas":${chance.pick(NUMBERS)}`),
  // Depth.
  (text, chance) => inObject(text, chance, `"deep":${'['.repeat(DEEP_LEVELS)}${']'.repeat(DEEP_LEVELS)}`),
  (text, chance) => inObject(text, chance, `"metadata":${'{"a":'.repeat(DEEP_LEVELS)}1${'}'.repeat(DEEP_LEVELS)}`),
  () => '['.repeat(DEEP_LEVELS),
  // Length.
  (text, chance) => inObject(text, chance, `"${LONG_TEXT}":1`),
  (text) => text.replace(/"name":"[^"]*"/, `"name":"${LONG_TEXT}"`),
  // Bytes and code points that are no text.
  (text, chance) => {
    const at = chance.upTo(text.length);
    const bad = chance.pick([[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xe2, 0x82]]);
    return Buffer.concat([Buffer.from(text.slice(0, at)), Buffer.from(bad), Buffer.from(text.slice(at))]);
  },
  (text) => text.replace(/"([a-z])/, '"\\ud800$1'),
  (text) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(text)]),
  (text) => Buffer.from(text, 'utf16le'),
  // Other values altogether.
  (_text, chance) => chance.pick(['', 'null', '[]', '{}', '0', '"text"', 'true', '[null]', '{"":""}', '---\n', '{}{}']),
  // More than one document, comments, YAML's own.
  (text) => `${text}\n${text}`,
  (_text, chance) =>
    chance.pick(['a: &a [*a]', 'a: &a\n  b: *a', '{a: b, a: c}', '!!js/function x', '? [a]\n: b', '- a\n b']),
  () => `a: &a [x]\n${Array.from({ length: 30 }, (_, level) => `b${level}: [${'*a,'.repeat(30)}]`).join('\n')}`,
];

/** Something odd made of the JSON of a body. */
export const twisted = (text: string, chance: Chance): string | Buffer => chance.pick(TWISTS)(text, chance);

function spliced(text: string, chance: Chance, part: string): string {
  const at = chance.upTo(text.length);
  return text.slice(0, at) + part + text.slice(at);
}

/** Puts a member at the front or the end of one of the objects of a text. */
function inObject(text: string, chance: Chance, member: string): string {
  const braces = Array.from(text.matchAll(/\{(?!\})/g), ({ index }) => index);
  if (braces.length === 0) return `{${member}}`;
  const at = chance.pick(braces) + 1;
  return chance.is(0.7) ? `${text.slice(0, at)}${member},${text.slice(at)}` : text.replace(/\}$/, `,${member}}`);
}
