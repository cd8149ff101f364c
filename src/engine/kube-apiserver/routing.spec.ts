import { kinds } from '../kinds/registry.js';
import { KindRegistry, KindTable } from './kind-registry.js';
import { Query } from './query.js';
import { route } from './routing.js';

const registry = new KindRegistry(new KindTable(kinds));
const target = (path: string) => {
  const found = route(path, registry);
  if (found.type !== 'resource') return found.type;
  const { kind, namespace, name, subresource } = found;
  return [kind.kind, namespace, name, subresource];
};

describe('routing', () => {
  it.each([
    ['/api/v1/pods', ['Pod', undefined, undefined, undefined]],
    ['/api/v1/namespaces/ns/pods', ['Pod', 'ns', undefined, undefined]],
    ['/api/v1/namespaces/ns/pods/p/', ['Pod', 'ns', 'p', undefined]],
    ['/api/v1/namespaces/ns/pods/p/log', ['Pod', 'ns', 'p', 'log']],
    ['/api/v1/namespaces/ns', ['Namespace', undefined, 'ns', undefined]],
    ['/api/v1/namespaces/ns/finalize', ['Namespace', undefined, 'ns', 'finalize']],
    ['/api/v1/namespaces//pods', ['Pod', undefined, undefined, undefined]],
    ['/apis/apps/v1/namespaces/ns/deployments/%61/scale', ['Deployment', 'ns', 'a', 'scale']],
    ['/api/v1/watch/namespaces/ns/pods', ['Pod', 'ns', undefined, undefined]],
    ['/api/v1/pods/p', 'unknown-resource'],
    ['/api/v1/namespaces/ns/nodes', 'unknown-resource'],
    ['/api/v1/namespaces/ns/pods//p', 'unknown-resource'],
    ['/api/v1/namespaces/ns/pods/a%2Fb', 'unknown-resource'],
    ['/api/v1/namespaces/ns/secrets/s/status', 'unknown-resource'],
    ['/apis/apps/v9/deployments', 'unknown-resource'],
    ['/apis/nope/v1/things', 'unknown-group'],
    ['/nothing', 'unknown-group'],
    ['/apis/apps/v1', 'discovery'],
    ['/livez/ping', 'health'],
    ['/version', 'version'],
  ])('%s', (path, expected) => {
    expect(target(path)).toEqual(expected);
  });

  it('refuses names that no path can hold', () => {
    expect(() => route('/api/v1/namespaces/ns/pods/%2E%2E', registry)).toThrow(
      'Name parameter invalid: "..": may not be \'..\'',
    );
  });
});

describe('query', () => {
  it('reads repeated, encoded and broken parameters as Go does', () => {
    const query = new Query('a=1&a=2&b=x+y%2C&c&d=%zz&e=1;f=2');
    expect([query.all('a'), query.get('b'), query.get('c'), query.has('d'), query.has('e')]).toEqual([
      ['1', '2'],
      'x y,',
      '',
      false,
      false,
    ]);
  });
});
