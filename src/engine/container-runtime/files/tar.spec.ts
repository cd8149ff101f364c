import fc from 'fast-check';
import { textCodec } from '../../../../test/support/engine-harness.js';
import { joinBytes } from './join-bytes.js';
import { encodeTar, TarReader, type TarEntry } from './tar.js';

const NOTHING = new Uint8Array();
const BYTES_MAX = 10_000;

function readIn(pieces: Iterable<Uint8Array>, bytesMax = BYTES_MAX): { entries: TarEntry[]; reader: TarReader } {
  const reader = new TarReader(textCodec, bytesMax);
  const entries: TarEntry[] = [];
  for (const piece of pieces) entries.push(...reader.push(piece));
  return { entries, reader };
}

function* cut(bytes: Uint8Array, length: number): Iterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.slice(at, at + length);
}

const names = fc
  .array(fc.stringMatching(/^[a-zåß0-9._-]{1,60}$/), { minLength: 1, maxLength: 4 })
  .map((each) => each.join('/'));
const common = { mode: fc.integer({ min: 0, max: 0o7777 }), modified: fc.integer({ min: 0, max: 4_000_000_000 }) };
const entry: fc.Arbitrary<TarEntry> = fc.oneof(
  fc.record({
    ...common,
    name: names,
    type: fc.constant('file' as const),
    content: fc.uint8Array({ maxLength: 2_000 }),
  }),
  fc.record({
    ...common,
    name: names.map((name) => `${name}/`),
    type: fc.constant('directory' as const),
    content: fc.constant(NOTHING),
  }),
  fc.record({
    ...common,
    name: names,
    type: fc.constant('link' as const),
    content: fc.constant(NOTHING),
    target: fc.stringMatching(/^[a-z/.]{1,90}$/),
  }),
);

describe('a tar archive', () => {
  it('holds what was put in, in whatever pieces it arrives', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 8 }), fc.integer({ min: 1, max: 3_000 }), (given, length) => {
        const { entries, reader } = readIn(cut(encodeTar(given, textCodec), length));
        expect(entries).toEqual(given);
        expect(reader).toMatchObject({ isOver: true, fault: undefined });
      }),
      { numRuns: 60 },
    );
  });

  it('names itself where it is none, cut short, or too large', () => {
    const archive = encodeTar(
      [{ name: 'a', type: 'file', mode: 0o644, modified: 0, content: new Uint8Array(5_000) }],
      textCodec,
    );
    expect(readIn([new Uint8Array(600).fill(1)]).reader.fault).toBe('This does not look like a tar archive');
    expect(readIn([archive.slice(0, 2_000)]).reader.isIncomplete).toBe(true);
    expect(readIn([archive], 4_999).reader.fault).toBe('No space left on device');
  });

  it('takes long names from the attributes of POSIX', () => {
    const long = `${'d'.repeat(150)}/file`;
    const record = `path=${long}\n`;
    const content = textCodec.encode(`${record.length + 4} ${record}`);
    const [attributes, file] = ['pax', 'short'].map((name) =>
      encodeTar([{ name, type: 'file', mode: 0, modified: 0, content: name === 'pax' ? content : NOTHING }], textCodec),
    );
    const head = attributes!.slice(0, 1_024);
    head[156] = 'x'.charCodeAt(0);
    const sum = head.slice(0, 512).reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0);
    head.set(textCodec.encode(`${sum.toString(8).padStart(6, '0')}\0 `), 148);
    expect(readIn([joinBytes([head, file!])]).entries).toMatchObject([{ name: long }]);
  });
});
