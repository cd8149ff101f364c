import { imageTag } from './image-reference.js';

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
