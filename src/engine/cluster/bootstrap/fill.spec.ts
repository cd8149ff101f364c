import { instant } from '../../kernel/clock.js';
import { kinds } from '../../kinds/registry.js';
import { fill } from './fill.js';
import { bootstrapObjects } from './objects.js';

const values = { now: instant(Date.UTC(2026, 0, 2)), caCertificate: 'PEM', apiServerAddress: '172.18.0.2' };
const find = (kind: string, name: string) =>
  bootstrapObjects.find((each) => each.kind === kind && each.metadata.name === name);

describe('bootstrap objects', () => {
  it('are of known kinds, each once', () => {
    const keys = bootstrapObjects.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`);
    expect(new Set(keys).size).toBe(keys.length);
    for (const { apiVersion, kind } of bootstrapObjects) {
      const known = kinds.some((each) => each.kind === kind && apiVersion.endsWith(each.version));
      expect([kind, known]).toEqual([kind, true]);
    }
  });

  it('come after their namespaces', () => {
    const known = new Set<string>();
    for (const { kind, metadata } of bootstrapObjects) {
      if (kind === 'Namespace') known.add(metadata.name);
      else if (metadata.namespace !== undefined) expect(known).toContain(metadata.namespace);
    }
  });

  it('leave nothing to fill in', () => {
    const text = JSON.stringify(bootstrapObjects.map((each) => fill(each, values)));
    expect(text).not.toMatch(/"<[a-z]+>"/);
  });

  it('name the address and the port of the API server', () => {
    expect(fill(find('Endpoints', 'kubernetes')!, values)).toMatchObject({
      subsets: [{ addresses: [{ ip: '172.18.0.2' }], ports: [{ name: 'https', port: 6443, protocol: 'TCP' }] }],
    });
    expect(fill(find('EndpointSlice', 'kubernetes')!, values)).toMatchObject({
      endpoints: [{ addresses: ['172.18.0.2'] }],
      ports: [{ name: 'https', port: 6443, protocol: 'TCP' }],
    });
    expect(find('Service', 'kubernetes')).toMatchObject({ spec: { ports: [{ port: 443, targetPort: 6443 }] } });
  });

  it('share what no placeholder stands in', () => {
    const role = find('ClusterRole', 'cluster-admin')!;
    expect(fill(role, values)).toBe(role);
  });
});
