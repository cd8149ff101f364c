import { textCodec } from './text-codec.js';

const LONG = 'ä€😀'.repeat(20_000);

describe('the text codec', () => {
  it.each([
    [[]],
    [['']],
    [['{"a":', '1', '}']],
    [['ä', '€😀', 'z']],
    [['short', LONG, '}']],
    [['x'.repeat(30_000), 'y']],
  ])('encodes texts one after another as it does their whole', (texts: readonly string[]) => {
    const bytes = textCodec.encodeAll!(texts);
    expect(Buffer.compare(bytes, textCodec.encode(texts.join('')))).toBe(0);
    expect(textCodec.decode(bytes)).toBe(texts.join(''));
  });

  it('gives bytes that the next text leaves alone', () => {
    const first = textCodec.encodeAll!(['first']);
    textCodec.encodeAll!(['other']);
    expect(textCodec.decode(first)).toBe('first');
  });
});
