import { Query } from '../query.js';
import { requestAttributes } from './request-attributes.js';

const user = { username: 'u', groups: [] };

function told(method: string, pathAndQuery: string): string {
  const [path = '', query = ''] = pathAndQuery.split('?', 2);
  const of = requestAttributes({ method, path }, new Query(query), user);
  if (!of.isResource) return `${of.verb} ${of.path}`;
  const { verb, group, version, namespace, resource, name, subresource } = of;
  return [verb, group, version, namespace, resource, name, subresource].join('|');
}

describe('what a request asks for', () => {
  it.each([
    ['GET', '/api/v1/pods', 'list||v1||pods||'],
    ['GET', '/api/v1/namespaces/a/pods/', 'list||v1|a|pods||'],
    ['GET', '/api/v1/namespaces/a/pods?watch=1', 'watch||v1|a|pods||'],
    ['GET', '/api/v1/watch/namespaces/a/pods', 'watch||v1|a|pods||'],
    ['GET', '/api/v1/watch/namespaces/a/pods/p', 'watch||v1|a|pods|p|'],
    ['GET', '/api/v1/namespaces/a/pods?fieldSelector=metadata.name%3Dp', 'list||v1|a|pods|p|'],
    ['GET', '/api/v1/namespaces/a/pods?fieldSelector=nonsense', 'list||v1|a|pods||'],
    ['HEAD', '/api/v1/namespaces/a/pods/p', 'get||v1|a|pods|p|'],
    ['POST', '/api/v1/namespaces/a/pods/p/exec', 'create||v1|a|pods|p|exec'],
    ['PUT', '/api/v1/namespaces/a/finalize', 'update||v1|a|namespaces|a|finalize'],
    ['GET', '/api/v1/namespaces/a', 'get||v1|a|namespaces|a|'],
    ['DELETE', '/api/v1/namespaces/a/pods', 'deletecollection||v1|a|pods||'],
    ['PATCH', '/apis/apps/v1/namespaces/a/deployments/d/scale', 'patch|apps|v1|a|deployments|d|scale'],
    ['GET', '/apis/nope.example.com/v1/things', 'list|nope.example.com|v1||things||'],
    ['OPTIONS', '/api/v1/pods', '||v1||pods||'],
    ['GET', '/api/v1/namespaces/a/services/s/proxy/b/c', 'get||v1|a|services|s|proxy'],
    ['GET', '/api/v1/namespaces/%61/pods/%70', 'get||v1|a|pods|p|'],
    ['GET', '/api/v1', 'get /api/v1'],
    ['GET', '/apis/apps/v1', 'get /apis/apps/v1'],
    ['POST', '/version', 'post /version'],
    ['GET', '/', 'get /'],
    ['GET', '/%zz', 'get /%zz'],
  ])('%s %s is %s', (method, path, expected) => {
    expect(told(method, path)).toBe(expected);
  });
});
