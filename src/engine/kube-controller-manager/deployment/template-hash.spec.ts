import fc from 'fast-check';
import type { PodTemplateSpec } from '../../machinery/api/core-v1.js';
import { safeText, templateHash } from './template-hash.js';

const template = (labels: Readonly<Record<string, string>>, image = 'app:1'): PodTemplateSpec => ({
  metadata: { name: '', labels },
  spec: { containers: [{ name: 'app', image }] },
});

describe('the hash of a template', () => {
  it('writes a number in the letters that upstream uses', () => {
    // '0' has the code 48, and 48 mod 27 is 21: the first digit of the alphabet is '4'.
    expect(safeText(0)).toBe('4');
    expect(safeText(1_234_567_890)).toBe('56789bcdf4');
  });

  it('does not depend on the order of fields', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), (labels) => {
        const reversed = Object.fromEntries(Object.entries(labels).reverse());
        expect(templateHash(template(labels), undefined)).toBe(templateHash(template(reversed), undefined));
      }),
    );
  });

  it('differs for other templates and after a collision', () => {
    const hashes = [
      templateHash(template({ a: 'b' }), undefined),
      templateHash(template({ a: 'c' }), undefined),
      templateHash(template({ a: 'b' }, 'app:2'), undefined),
      templateHash(template({ a: 'b' }), 1),
      templateHash(template({ a: 'b' }), 2),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});
