import fc from 'fast-check';
import { imageTag, isLatest } from './image-reference.js';

describe('imageTag', () => {
  it.each([
    ['nginx', 'latest'],
    ['nginx:1.27', '1.27'],
    ['registry.example:5000/team/app', 'latest'],
    ['registry.example:5000/team/app:v1', 'v1'],
    [`nginx@sha256:${'a'.repeat(64)}`, ''],
    [`nginx:1@sha256:${'a'.repeat(64)}`, '1'],
    ['Not A Name', ''],
    ['UPPER/case', 'latest'],
    ['team/UPPER', ''],
    ['a'.repeat(64), ''],
    ['', ''],
  ])('%s has the tag %j', (image, tag) => {
    expect(imageTag(image)).toBe(tag);
  });

  it('judges hostile input in linear time', () => {
    expect(imageTag(`${'a-'.repeat(50_000)}!`)).toBe('');
  });
});

describe('isLatest', () => {
  const part = fc.constantFrom(
    'nginx',
    'latest',
    'Host',
    'a.b',
    '5000',
    ':',
    ':',
    '/',
    '@',
    'sha256:',
    'a'.repeat(64),
    '_',
    '',
  );

  it('says what the tag says, of names and of what is none', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        const image = parts.join('');
        expect(isLatest(image)).toBe(imageTag(image) === 'latest');
      }),
      { numRuns: 2_000 },
    );
  });
});
