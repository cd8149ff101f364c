import { parseKubernetesUrl } from './kubernetes-path.js';

describe('parseKubernetesUrl', () => {
  it.each([
    ['/k8s/a/b/api/v1/pods?watch=1', { tenant: 'a', cluster: 'b', path: '/api/v1/pods', query: 'watch=1' }],
    ['/k8s/a/b', { tenant: 'a', cluster: 'b', path: '/', query: '' }],
    ['/k8s/a/b?x=/y', { tenant: 'a', cluster: 'b', path: '/', query: 'x=/y' }],
    ['/k8s/a/b/?', { tenant: 'a', cluster: 'b', path: '/', query: '' }],
    ['/k8s/a/b/c%2Fd', { tenant: 'a', cluster: 'b', path: '/c%2Fd', query: '' }],
  ])('reads %s', (url, target) => expect(parseKubernetesUrl(url)).toEqual(target));

  it.each(['/k8s/', '/k8s/a', '/k8s/a/', '/k8s//b/api', '/k8s/a?/b/c'])('finds no cluster in %s', (url) =>
    expect(parseKubernetesUrl(url)).toBeUndefined(),
  );
});
