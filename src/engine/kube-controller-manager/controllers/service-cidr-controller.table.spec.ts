import { controllerTable } from '../../../../test/support/controller-table.js';
import type { Json } from '../../../../test/support/engine-harness.js';

const FINALIZER = 'networking.k8s.io/service-cidr-finalizer';
const RANGE = 'servicecidrs/range';
const READY = { type: 'Ready', status: 'True', reason: '', message: 'Kubernetes Service CIDR is ready' };
const HELD = {
  type: 'Ready',
  status: 'False',
  reason: 'Terminating',
  message: 'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR',
};

const range = (...cidrs: readonly string[]): Json => ({ spec: { cidrs } });
const leaving = (...cidrs: readonly string[]): Json => ({
  ...range(...cidrs),
  metadata: { finalizers: [FINALIZER], deletionTimestamp: 'now' },
});
const address = (labels: Json = {}): Json => ({
  metadata: {
    labels: {
      'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
      'ipaddress.kubernetes.io/ip-family': 'IPv4',
      ...labels,
    },
  },
  spec: { parentRef: { resource: 'services', namespace: 'default', name: 'web' } },
});
const held: Json = { [RANGE]: { metadata: { finalizers: [FINALIZER] }, status: { conditions: [HELD] } } };
const gone: Json = { [RANGE]: undefined };

describe('service-cidr-controller', () => {
  controllerTable('service-cidr-controller', [
    {
      name: 'protects a range and makes it ready',
      before: { [RANGE]: range('10.1.0.0/24') },
      after: { [RANGE]: { metadata: { finalizers: [FINALIZER] }, status: { conditions: [READY] } } },
    },
    {
      name: 'keeps the finalizers of others',
      before: { [RANGE]: { ...range('10.1.0.0/24'), metadata: { finalizers: ['example.com/see'] } } },
      after: { [RANGE]: { metadata: { finalizers: ['example.com/see', FINALIZER] } } },
    },
    {
      name: 'says as who it applies its condition, and leaves those of others',
      before: {
        [RANGE]: {
          ...range('10.1.0.0/24'),
          status: {
            conditions: [
              { type: 'Mine', status: 'True', reason: 'R', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' },
            ],
          },
        },
      },
      after: {
        [RANGE]: {
          metadata: {
            managedFields: [
              { manager: 'service-cidr-controller', operation: 'Apply', subresource: 'status' },
              { manager: 'kube-controller-manager', operation: 'Update' },
              { manager: 'test', operation: 'Update' },
              { manager: 'test', operation: 'Update', subresource: 'status' },
            ],
          },
          status: { conditions: [{ type: 'Mine' }, READY] },
        },
      },
    },
    {
      name: 'lets a range go that nobody needs, after ten seconds',
      before: { [RANGE]: leaving('10.1.0.0/24') },
      seconds: 11,
      after: gone,
    },
    {
      name: 'waits ten seconds, in which somebody may take an address',
      before: { [RANGE]: leaving('10.1.0.0/24') },
      seconds: 9,
      after: { [RANGE]: { metadata: { finalizers: [FINALIZER] }, status: { conditions: undefined } } },
    },
    {
      name: 'keeps a range of which an address comes meanwhile',
      before: { [RANGE]: leaving('10.1.0.0/24') },
      act: (world) => world.put('ipaddresses/10.1.0.7', address()),
      seconds: 60,
      after: held,
    },
    {
      name: 'keeps a range with an address',
      before: { 'ipaddresses/10.1.0.7': address(), [RANGE]: leaving('10.1.0.0/24') },
      seconds: 60,
      after: held,
    },
    {
      name: 'lets it go when the last address does',
      before: { 'ipaddresses/10.1.0.7': address(), [RANGE]: leaving('10.1.0.0/24') },
      act: (world) => world.remove('ipaddresses/10.1.0.7'),
      seconds: 11,
      after: gone,
    },
    {
      name: 'minds no address of somebody else',
      before: {
        'ipaddresses/10.1.0.7': address({ 'ipaddress.kubernetes.io/managed-by': 'me' }),
        [RANGE]: leaving('10.1.0.0/24'),
      },
      seconds: 11,
      after: gone,
    },
    {
      name: 'minds no address outside',
      before: { 'ipaddresses/10.2.0.7': address(), [RANGE]: leaving('10.1.0.0/24') },
      seconds: 11,
      after: gone,
    },
    ...['10.1.0.0', '10.1.0.255'].map((edge) => ({
      name: `minds no ${edge}, which is no host’s`,
      before: { [`ipaddresses/${edge}`]: address(), [RANGE]: leaving('10.1.0.0/24') },
      seconds: 11,
      after: gone,
    })),
    {
      name: 'lets a range go whose addresses another one has too',
      before: {
        'servicecidrs/other': range('10.1.0.0/25'),
        'ipaddresses/10.1.0.7': address(),
        [RANGE]: leaving('10.1.0.0/24'),
      },
      seconds: 11,
      after: gone,
    },
    {
      name: 'keeps a range with an address that a smaller one does not have',
      before: {
        'servicecidrs/other': range('10.1.0.0/25'),
        'ipaddresses/10.1.0.200': address(),
        [RANGE]: leaving('10.1.0.0/24'),
      },
      seconds: 60,
      after: held,
    },
    {
      name: 'lets a range go that lies in another one',
      before: {
        'servicecidrs/other': range('10.0.0.0/8'),
        'ipaddresses/10.1.0.7': address(),
        [RANGE]: leaving('10.1.0.0/24'),
      },
      seconds: 11,
      after: gone,
    },
    {
      name: 'lets a range go when one comes that holds its addresses',
      before: { 'ipaddresses/10.1.0.7': address(), [RANGE]: leaving('10.1.0.0/24') },
      act: (world) => world.put('servicecidrs/other', range('10.1.0.0/16')),
      seconds: 11,
      after: gone,
    },
    {
      name: 'keeps a range of two families of which only one lies in another range',
      before: {
        'servicecidrs/other': range('10.0.0.0/8'),
        'ipaddresses/fd00:1::7': address({ 'ipaddress.kubernetes.io/ip-family': 'IPv6' }),
        [RANGE]: leaving('10.1.0.0/24', 'fd00:1::/112'),
      },
      seconds: 60,
      after: held,
    },
  ]);
});
