import type { JsonValue } from '../../machinery/structure.js';
import { findByPath } from './json-path.js';
import { parseJsonPath } from './json-path-parser.js';

const DOCUMENT = {
  spec: {
    ports: [
      { name: 'web', port: 80 },
      { name: 'metrics', port: 9090 },
    ],
    labels: { 'a.b/c': 'd' },
  },
};

it.each<[string, readonly JsonValue[]]>([
  ['.spec.ports[0].port', [80]],
  ['.spec.ports[-1].name', ['metrics']],
  ['.spec.ports[*].name', ['web', 'metrics']],
  ['.spec.ports[?(@.name=="metrics")].port', [9090]],
  ['.spec.ports[?(@.port>100)].name', ['metrics']],
  [String.raw`.spec.labels.a\.b/c`, ['d']],
  ['..port', [80, 9090]],
  ['.spec.missing.deeper', []],
])('finds %s', (text, found) => {
  const path = parseJsonPath(text);
  expect(path === undefined ? undefined : findByPath(path, DOCUMENT)).toEqual(found);
});

it('does not parse what is no path', () => {
  expect(parseJsonPath('.spec[')).toBeUndefined();
});
