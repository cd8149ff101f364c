import { RULES_START, RulesWorld, draftOf, faultsOf, updateFaultsOf } from '../support/kind-rules.js';
import type { Kind } from '../../src/engine/machinery/kind.js';
import { configMap } from '../../src/engine/kinds/config-map.js';
import { endpointSlice } from '../../src/engine/kinds/endpoint-slice.js';
import { endpoints } from '../../src/engine/kinds/endpoints.js';
import { eventV1 } from '../../src/engine/kinds/event-v1.js';
import { event } from '../../src/engine/kinds/event.js';
import { lease } from '../../src/engine/kinds/lease.js';
import { namespace } from '../../src/engine/kinds/namespace.js';
import { node } from '../../src/engine/kinds/node.js';
import { podDisruptionBudget } from '../../src/engine/kinds/pod-disruption-budget.js';
import { priorityClass } from '../../src/engine/kinds/priority-class.js';
import { kinds } from '../../src/engine/kinds/registry.js';
import { service } from '../../src/engine/kinds/service.js';
import type { KubeObject } from '../../src/engine/machinery/object.js';
import { secret } from '../../src/engine/kinds/secret.js';

type Case = readonly [kind: Kind, body: object, faults: readonly string[]];

const NOT_AN_ADDRESS = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
const CONFIG_KEY =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
const EMPTY_NAME = [
  'name part must be non-empty',
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
];

const CASES: readonly Case[] = [
  [configMap, { data: { ok: 'v' }, binaryData: { bin: 'AAAA' } }, []],
  [configMap, { data: { 'not ok': 'v' } }, [`data[not ok]: Invalid value: "not ok": ${CONFIG_KEY}`]],
  [configMap, { data: { '..x': 'v' } }, ['data[..x]: Invalid value: "..x": must not start with \'..\'']],
  [
    configMap,
    { data: { a: 'v' }, binaryData: { a: 'AA==' } },
    ['data[a]: Invalid value: "a": duplicate of key present in binaryData'],
  ],
  [configMap, { data: { a: 'x'.repeat(1_048_577) } }, ['[]: Too long: may not be more than 1048576 bytes']],
  [configMap, { data: { a: 'é'.repeat(524_289) } }, ['[]: Too long: may not be more than 1048576 bytes']],
  [secret, { type: 'kubernetes.io/tls' }, ['data[tls.crt]: Required value', 'data[tls.key]: Required value']],
  [secret, { type: 'kubernetes.io/basic-auth' }, ['data[username]: Required value', 'data[password]: Required value']],
  [secret, { type: 'kubernetes.io/basic-auth', stringData: { password: '' } }, []],
  [
    secret,
    { type: 'kubernetes.io/ssh-auth', data: { 'ssh-privatekey': '' } },
    ['data[ssh-privatekey]: Required value'],
  ],
  [
    secret,
    { type: 'kubernetes.io/dockercfg', stringData: { '.dockercfg': '[]' } },
    [
      'data[.dockercfg]: Invalid value: "<secret contents redacted>": json: cannot unmarshal array into Go value of type map[string]interface {}',
    ],
  ],
  [
    secret,
    { type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': '' } },
    ['data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": unexpected end of JSON input'],
  ],
  [
    secret,
    { type: 'kubernetes.io/service-account-token' },
    ['metadata.annotations[kubernetes.io/service-account.name]: Required value'],
  ],
  [
    namespace,
    { spec: { finalizers: ['bad'] } },
    ['spec.finalizers: Invalid value: "bad": name is neither a standard finalizer name nor is it fully qualified'],
  ],
  [node, { spec: { podCIDR: '192.0.2.0/24' } }, []],
  [
    node,
    { spec: { podCIDRs: ['192.0.2.0/24', '198.51.100.0/24'] } },
    [
      'spec.podCIDRs: Invalid value: ["192.0.2.0/24","198.51.100.0/24"]: may specify no more than one CIDR for each IP family',
    ],
  ],
  [node, { spec: { taints: [{ key: 'k' }] } }, ['metadata.taints[0].effect: Required value']],
  [
    node,
    {
      spec: {
        taints: [
          { key: 'k', effect: 'NoSchedule' },
          { key: 'k', effect: 'NoSchedule' },
        ],
      },
    },
    [
      'metadata.taints[1]: Duplicate value: {"Key":"k","Value":"","Effect":"NoSchedule","TimeAdded":null}: taints must be unique by key and effect pair',
    ],
  ],
  [
    node,
    { status: { capacity: { pods: '500m', cpu: '-1' } } },
    [
      'status.capacity.cpu: Invalid value: "-1": must be greater than or equal to 0',
      'status.capacity.pods: Invalid value: "500m": must be an integer',
      'status.allocatable.cpu: Invalid value: "-1": must be greater than or equal to 0',
      'status.allocatable.pods: Invalid value: "500m": must be an integer',
    ],
  ],
  [
    endpoints,
    { subsets: [{ addresses: [{ ip: 'host' }] }] },
    [
      `subsets[0].addresses[0].ip: Invalid value: "host": ${NOT_AN_ADDRESS}`,
      'subsets[0].addresses[0].ip: Invalid value: "host": must be a valid IP address',
    ],
  ],
  [endpoints, { subsets: [{}] }, ['subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`']],
  [
    endpoints,
    { subsets: [{ addresses: [{ ip: '127.0.0.1' }], ports: [{ port: 1 }, { port: 2 }] }] },
    [
      'subsets[0].addresses[0].ip: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
      'subsets[0].ports[0].name: Required value',
      'subsets[0].ports[1].name: Required value',
    ],
  ],
  [endpointSlice, { endpoints: [] }, ['addressType: Required value']],
  [
    endpointSlice,
    { addressType: 'IPv4', endpoints: [{ addresses: ['2001:db8::1'] }] },
    ['endpoints[0].addresses: Invalid value: "2001:db8::1": must be an IPv4 address'],
  ],
  [
    endpointSlice,
    { addressType: 'IPv6', endpoints: [{ addresses: ['2001:DB8:0::1'] }] },
    ['endpoints[0].addresses[0]: Invalid value: "2001:DB8:0::1": must be in canonical form ("2001:db8::1")'],
  ],
  [
    endpointSlice,
    { addressType: 'FQDN', endpoints: [{ addresses: ['localhost'] }] },
    [
      'endpoints[0].addresses[0]: Invalid value: "localhost": should be a domain with at least two segments separated by dots',
    ],
  ],
  [
    endpointSlice,
    { addressType: 'IPv4', endpoints: [], ports: [{ port: 1 }, { port: 2 }] },
    ['ports[1].name: Duplicate value: ""'],
  ],
  [
    event,
    { involvedObject: { namespace: 'other' } },
    ['involvedObject.namespace: Invalid value: "other": does not match event.namespace'],
  ],
  [event, { involvedObject: { namespace: 'default' } }, []],
  [
    eventV1,
    { regarding: { namespace: 'default' }, eventTime: '2026-01-01T00:00:00.000000Z', type: 'Odd' },
    [
      'reportingController: Required value',
      ...EMPTY_NAME.map((fault) => `reportingController: Invalid value: "": ${fault}`),
      'reportingInstance: Required value',
      'action: Required value',
      'reason: Required value',
      'type: Invalid value: "": has invalid value: Odd',
    ],
  ],
  [
    lease,
    { spec: { leaseDurationSeconds: -1, leaseTransitions: -1 } },
    [
      'spec.leaseDurationSeconds: Invalid value: -1: must be greater than 0',
      'spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0',
    ],
  ],
  [
    priorityClass,
    { value: 1_000_000_001 },
    ['value: Forbidden: maximum allowed value of a user defined priority is 1000000000'],
  ],
  [
    priorityClass,
    { metadata: { name: 'system-mine' }, value: 1, preemptionPolicy: 'Maybe' },
    [
      "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: system-mine is not a known system priority class",
      'preemptionPolicy: Unsupported value: "Maybe": supported values: "PreemptLowerPriority", "Never"',
    ],
  ],
  [
    podDisruptionBudget,
    { spec: { minAvailable: 1, maxUnavailable: '101%' } },
    [
      'spec: Invalid value: {"MinAvailable":1,"Selector":null,"MaxUnavailable":"101%","UnhealthyPodEvictionPolicy":null}: minAvailable and maxUnavailable cannot be both set',
      'spec.maxUnavailable: Invalid value: "101%": must not be greater than 100%',
    ],
  ],
];

describe('rules of core kinds', () => {
  it.each(CASES.map(([kind, body, faults]) => [kind.kind, JSON.stringify(body).slice(0, 80), { kind, body, faults }]))(
    '%s %s',
    (_kind, _text, { kind, body, faults }) => {
      expect(faultsOf(kind, body)).toEqual(faults);
    },
  );
});

describe('updates of core kinds', () => {
  const FROZEN = 'Forbidden: field is immutable when `immutable` is set';

  it('leave immutable data alone', () => {
    const before = { immutable: true, data: { a: '1' } };
    expect(updateFaultsOf(configMap, before, before)).toEqual([]);
    expect(updateFaultsOf(configMap, before, { data: { a: '2' } })).toEqual([
      `immutable: ${FROZEN}`,
      `data: ${FROZEN}`,
    ]);
  });

  it('leave the type of a secret alone', () => {
    expect(updateFaultsOf(secret, {}, { type: 'x' })).toEqual(['type: Invalid value: "x": field is immutable']);
  });

  it('leave the ranges of a node alone once it has them', () => {
    const before = { spec: { podCIDRs: ['192.0.2.0/24'] } };
    expect(updateFaultsOf(node, {}, before)).toEqual([]);
    expect(updateFaultsOf(node, before, {})).toEqual([
      'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
    ]);
  });

  it('leave the value of a priority class alone', () => {
    expect(updateFaultsOf(priorityClass, { value: 1 }, { value: 2 })).toEqual([
      'value: Forbidden: may not be changed in an update.',
    ]);
  });

  it('leave unchanged endpoints alone, however wrong', () => {
    const wrong = { subsets: [{}] };
    expect(updateFaultsOf(endpoints, wrong, wrong)).toEqual([]);
  });
});

describe('what the server fills in', () => {
  it('labels a namespace with its name and guards it', () => {
    expect(new RulesWorld().create(namespace, { metadata: { name: 'n' } })).toMatchObject({
      metadata: { labels: { 'kubernetes.io/metadata.name': 'n' } },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    });
  });

  it("folds a secret's text into its data", () => {
    const { data, stringData, type } = draftOf(secret, {
      data: { a: 'AA==', b: 'AQ==' },
      stringData: { a: 'häß €😀' },
    });
    expect(data).toEqual({ a: Buffer.from('häß €😀').toString('base64'), b: 'AQ==' });
    expect(stringData).toBeUndefined();
    expect(type).toBe('Opaque');
  });

  it('keeps the status that a node registers with, and its capacity as what it can give', () => {
    const status = { capacity: { cpu: '4' } };
    expect(new RulesWorld().create(node, { status }).status).toMatchObject({ allocatable: { cpu: '4' } });
  });

  it('raises the generation of an endpoint slice with its labels', () => {
    const slice = (labels: object) => draftOf(endpointSlice, { metadata: { name: 'x', labels }, addressType: 'IPv4' });
    expect(endpointSlice.raisesGeneration?.(slice({ a: '1' }), slice({ a: '1' }))).toBe(false);
    expect(endpointSlice.raisesGeneration?.(slice({ a: '1' }), slice({ a: '2' }))).toBe(true);
  });
});

/** Bodies that say as little as a client may. */
const SPARSE: readonly object[] = [{}, { spec: {} }, { spec: {}, status: {} }];

describe('rules of every kind', () => {
  it.each(kinds.map((kind) => [`${kind.group}/${kind.version} ${kind.kind}`, kind]))(
    '%s bear sparse bodies',
    (_name, kind) => {
      for (const body of SPARSE) {
        const draft = draftOf(kind, body);
        expect(() => faultsOf(kind, body)).not.toThrow();
        expect(() => updateFaultsOf(kind, body, body)).not.toThrow();
        const cells = kind.columns.map((column) => column.value(draft as KubeObject, { now: RULES_START }));
        expect(cells).toHaveLength(kind.columns.length);
        if (kind !== service) expect(() => new RulesWorld().create(kind, body)).not.toThrow();
      }
    },
  );
});
