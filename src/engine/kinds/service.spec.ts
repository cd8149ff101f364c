import fc from 'fast-check';
import { RulesWorld, faultsOf } from '../../../test/support/kind-rules.js';
import type { Service } from '../machinery/api/core-v1.js';
import { ipAddress } from './ip-address.js';
import { serviceCIDR } from './service-cidr.js';
import { service } from './service.js';

function world(cidr = '10.96.0.0/12', seed = 1) {
  const made = new RulesWorld(seed);
  made.put(serviceCIDR, {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'ServiceCIDR',
    metadata: { name: 'kubernetes' },
    spec: { cidrs: [cidr] },
    status: { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '', reason: '', message: '' }] },
  });
  return made;
}
const named = (name: string, spec: object = {}) => ({
  metadata: { name, namespace: 'default' },
  spec: { ports: [{ port: 80 }], ...spec },
});

describe('a service', () => {
  it('is given an address out of the range, and an IPAddress that names it', () => {
    const cluster = world();
    const { spec, status } = cluster.create(service, named('web'));
    expect(spec.clusterIP).toMatch(/^10\.(9[6-9]|10\d|11[01])\./);
    expect(spec).toMatchObject({
      clusterIPs: [spec.clusterIP],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      internalTrafficPolicy: 'Cluster',
      sessionAffinity: 'None',
      type: 'ClusterIP',
      ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
    });
    expect(status).toEqual({ loadBalancer: {} });
    expect(cluster.get(ipAddress, spec.clusterIP!)).toMatchObject({
      metadata: { labels: { 'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io' } },
      spec: { parentRef: { resource: 'services', namespace: 'default', name: 'web' } },
    });
  });

  it('never shares an address with another, and gives it back', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 40 }), fc.nat(), (removals, seed) => {
        const cluster = world('10.0.0.0/27', seed);
        const live = new Map<string, Service>();
        for (const [index, isRemoval] of removals.entries()) {
          const [first] = live.keys();
          if (isRemoval && first !== undefined) {
            cluster.delete(service, live.get(first)!);
            live.delete(first);
          } else if (live.size < 30) {
            const made = cluster.create(service, named(`s${index}`));
            expect(live.has(made.spec.clusterIP!)).toBe(false);
            live.set(made.spec.clusterIP!, made);
          }
        }
        expect(
          cluster
            .list(ipAddress)
            .map(({ metadata }) => metadata.name)
            .toSorted(),
        ).toEqual([...live.keys()].toSorted());
      }),
      { numRuns: 50 },
    );
  });

  it('says so when the range is full', () => {
    const cluster = world('10.0.0.0/30');
    cluster.create(service, named('a'));
    cluster.create(service, named('b'));
    expect(() => cluster.create(service, named('c'))).toThrow(
      'Internal error occurred: failed to allocate a serviceIP: range is full',
    );
  });

  it.each([
    ['10.97.0.1', '10.97.0.1: provided IP is already allocated'],
    ['10.96.0.0', '10.96.0.0: the provided network does not match the current range'],
    ['10.111.255.255', '10.111.255.255: the provided network does not match the current range'],
    ['192.0.2.5', '192.0.2.5: the provided network does not match the current range'],
  ])('is refused the address %s', (clusterIP, fault) => {
    const cluster = world();
    cluster.create(service, named('a', { clusterIP: '10.97.0.1' }));
    expect(() => cluster.create(service, named('b', { clusterIP }))).toThrow(
      `Service "b" is invalid: spec.clusterIPs: Invalid value: ["${clusterIP}"]: failed to allocate IP ${fault}`,
    );
  });

  it('has no address when it is headless or an alias', () => {
    const cluster = world();
    expect(cluster.create(service, named('h', { clusterIP: 'None', selector: { a: 'b' } })).spec).toMatchObject({
      clusterIPs: ['None'],
      ipFamilies: ['IPv4'],
    });
    expect(
      cluster.create(service, named('e', { type: 'ExternalName', externalName: 'x.example' })).spec,
    ).not.toHaveProperty('clusterIP');
    expect(cluster.list(ipAddress)).toEqual([]);
  });

  it('keeps what it was given when its manifest is sent again', () => {
    const cluster = world();
    const body = named('web', { type: 'NodePort', ports: [{ port: 80, name: 'http' }] });
    const made = cluster.create(service, body);
    expect(made.spec.ports?.[0]?.nodePort).toBeGreaterThanOrEqual(30_000);
    expect(cluster.update(service, made, body)).toEqual(made);
  });

  it('gives back its address and ports when its type changes', () => {
    const cluster = world();
    const made = cluster.create(service, named('web', { type: 'NodePort' }));
    const plain = cluster.update(service, made, named('web', { ...made.spec, type: 'ClusterIP' }));
    expect(plain.spec.ports).toEqual([{ port: 80, protocol: 'TCP', targetPort: 80 }]);
    expect(plain.spec.clusterIP).toBe(made.spec.clusterIP);
    const alias = cluster.update(
      service,
      plain,
      named('web', { ...plain.spec, type: 'ExternalName', externalName: 'x.y' }),
    );
    expect(alias.spec).not.toHaveProperty('clusterIP');
    expect(cluster.list(ipAddress)).toEqual([]);
    expect(cluster.update(service, alias, named('web')).spec.clusterIP).toBeDefined();
  });

  it('shares a node port between the protocols of one port', () => {
    const ports = [
      { name: 'a', port: 53, protocol: 'TCP' },
      { name: 'b', port: 53, protocol: 'UDP' },
    ];
    const { spec } = world().create(service, named('dns', { type: 'NodePort', ports }));
    expect(spec.ports?.[0]?.nodePort).toBe(spec.ports?.[1]?.nodePort);
  });

  it.each([
    [30_080, 'provided port is already allocated'],
    [29_999, 'provided port is not in the valid range. The range of valid ports is 30000-32767'],
  ])('is refused the node port %d', (nodePort, fault) => {
    const cluster = world();
    cluster.create(service, named('a', { type: 'NodePort', ports: [{ port: 1, nodePort: 30_080 }] }));
    expect(() => cluster.create(service, named('b', { type: 'NodePort', ports: [{ port: 1, nodePort }] }))).toThrow(
      `spec.ports[0].nodePort: Invalid value: ${nodePort}: ${fault}`,
    );
  });

  it('has a port for health checks when its traffic stays local', () => {
    const local = { type: 'LoadBalancer', externalTrafficPolicy: 'Local' };
    expect(world().create(service, named('lb', local)).spec.healthCheckNodePort).toBeGreaterThanOrEqual(30_000);
  });

  it.each([
    [{ ports: [] }, 'spec.ports: Required value'],
    [{ ports: [{ port: 1 }, { port: 2 }] }, 'spec.ports[0].name: Required value'],
    [{ ports: [{ port: 1, targetPort: 'a--b' }] }, 'must not contain consecutive hyphens'],
    [{ type: 'Other' }, 'supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"'],
    [{ sessionAffinity: 'Sticky' }, 'supported values: "ClientIP", "None"'],
    [{ ports: [{ port: 1, nodePort: 30_000 }] }, "may not be used when `type` is 'ClusterIP'"],
    [{ trafficDistribution: '' }, 'supported values: "PreferClose", "PreferSameZone", "PreferSameNode"'],
    [
      {
        ports: [
          { name: 'a', port: 80 },
          { name: 'b', port: 80 },
        ],
      },
      'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}',
    ],
  ])('is refused %j', (spec, fault) => {
    expect(faultsOf(service, named('x', spec)).join('\n')).toContain(fault);
  });
});
