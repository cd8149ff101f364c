import { parseImage, resolveImage } from './image-reference.js';

describe('parseImage', () => {
  it.each([
    ['nginx', 'docker.io/library/nginx:latest'],
    ['nginx:1.27', 'docker.io/library/nginx:1.27'],
    ['team/app', 'docker.io/team/app:latest'],
    ['registry.k8s.io/pause:3.10', 'registry.k8s.io/pause:3.10'],
    ['localhost:5000/app:1', 'localhost:5000/app:1'],
    ['gcr.io/a/b/c:v1', 'gcr.io/a/b/c:v1'],
  ])('reads %s as %s', (text, fullName) => {
    expect(parseImage(text)?.fullName).toBe(fullName);
  });

  it.each(['', 'UPPER', 'a b', 'nginx:', ':1', 'nginx@sha256:12'])('refuses %j', (text) => {
    expect(parseImage(text)).toBeUndefined();
  });
});

describe('resolveImage', () => {
  it('gives one name the same digest always, and other names others', () => {
    expect(resolveImage('nginx:1')).toEqual(resolveImage('docker.io/library/nginx:1'));
    expect(resolveImage('nginx:1').imageId).toMatch(/^docker\.io\/library\/nginx@sha256:[0-9a-f]{64}$/);
    expect(resolveImage('nginx:1').imageId).not.toBe(resolveImage('nginx:2').imageId);
  });

  it('finds no registry below a reserved name, and no tag that announces its absence', () => {
    expect(resolveImage('registry.invalid/app:1').error).toContain('lookup registry.invalid: no such host');
    expect(resolveImage('nginx:does-not-exist').error).toContain('docker.io/library/nginx:does-not-exist: not found');
  });

  it('says what is malformed', () => {
    expect(resolveImage('NGINX').error).toBe('failed to parse image reference "NGINX": invalid reference format');
  });
});
