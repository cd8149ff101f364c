import { RulesWorld, draftOf } from '../support/kind-rules.js';
import type { Kind } from '../../src/engine/machinery/kind.js';
import { apiService } from '../../src/engine/kinds/api-service.js';
import { clusterRoleBinding } from '../../src/engine/kinds/cluster-role-binding.js';
import { csiDriver } from '../../src/engine/kinds/csi-driver.js';
import { customResourceDefinition } from '../../src/engine/kinds/custom-resource-definition.js';
import { flowSchema } from '../../src/engine/kinds/flow-schema.js';
import { horizontalPodAutoscaler } from '../../src/engine/kinds/horizontal-pod-autoscaler.js';
import { ingressClass } from '../../src/engine/kinds/ingress-class.js';
import { limitRange } from '../../src/engine/kinds/limit-range.js';
import { mutatingWebhookConfiguration } from '../../src/engine/kinds/mutating-webhook-configuration.js';
import { networkPolicy } from '../../src/engine/kinds/network-policy.js';
import { persistentVolumeClaim } from '../../src/engine/kinds/persistent-volume-claim.js';
import { persistentVolume } from '../../src/engine/kinds/persistent-volume.js';
import { priorityClass } from '../../src/engine/kinds/priority-class.js';
import { priorityLevelConfiguration } from '../../src/engine/kinds/priority-level-configuration.js';
import { resourceClaim } from '../../src/engine/kinds/resource-claim.js';
import { resourceQuota } from '../../src/engine/kinds/resource-quota.js';
import { storageClass } from '../../src/engine/kinds/storage-class.js';
import { validatingAdmissionPolicy } from '../../src/engine/kinds/validating-admission-policy.js';

const RBAC = 'rbac.authorization.k8s.io';
const WEBHOOK = { name: 'a.b.c', admissionReviewVersions: ['v1'], sideEffects: 'None' };

const CASES: readonly (readonly [kind: Kind, body: object, defaulted: object])[] = [
  [apiService, { spec: { service: { name: 's' } } }, { spec: { service: { name: 's', port: 443 } } }],
  [
    clusterRoleBinding,
    {
      roleRef: { kind: 'ClusterRole', name: 'r' },
      subjects: [
        { kind: 'User', name: 'u' },
        { kind: 'ServiceAccount', name: 's' },
      ],
    },
    { roleRef: { apiGroup: RBAC }, subjects: [{ apiGroup: RBAC }, { kind: 'ServiceAccount', name: 's' }] },
  ],
  [
    csiDriver,
    { spec: {} },
    { spec: { attachRequired: true, fsGroupPolicy: 'ReadWriteOnceWithFSType', volumeLifecycleModes: ['Persistent'] } },
  ],
  [
    customResourceDefinition,
    { spec: { names: { kind: 'Widget', plural: 'widgets' }, versions: [] } },
    { spec: { names: { singular: 'widget', listKind: 'WidgetList' }, conversion: { strategy: 'None' } } },
  ],
  [flowSchema, { spec: {} }, { spec: { matchingPrecedence: 1_000 } }],
  [
    horizontalPodAutoscaler,
    {
      spec: {
        maxReplicas: 3,
        scaleTargetRef: { kind: 'D', name: 'd' },
        behavior: { scaleDown: { selectPolicy: 'Min' } },
      },
    },
    {
      spec: {
        minReplicas: 1,
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
        ],
        behavior: {
          scaleUp: { stabilizationWindowSeconds: 0, selectPolicy: 'Max' },
          scaleDown: { selectPolicy: 'Min', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] },
        },
      },
    },
  ],
  [ingressClass, { spec: { parameters: { kind: 'K', name: 'n' } } }, { spec: { parameters: { scope: 'Cluster' } } }],
  [
    limitRange,
    { spec: { limits: [{ type: 'Container', max: { cpu: '2' }, min: { cpu: '1', memory: '1Mi' } }] } },
    { spec: { limits: [{ default: { cpu: '2' }, defaultRequest: { cpu: '2', memory: '1Mi' } }] } },
  ],
  [
    mutatingWebhookConfiguration,
    {
      webhooks: [
        { ...WEBHOOK, clientConfig: { service: { name: 's', namespace: 'n' } }, rules: [{ operations: ['*'] }] },
      ],
    },
    {
      webhooks: [
        {
          clientConfig: { service: { port: 443 } },
          rules: [{ scope: '*' }],
          failurePolicy: 'Fail',
          matchPolicy: 'Equivalent',
          namespaceSelector: {},
          objectSelector: {},
          timeoutSeconds: 10,
          reinvocationPolicy: 'Never',
        },
      ],
    },
  ],
  [
    networkPolicy,
    { spec: { egress: [{ ports: [{ port: 53 }] }] } },
    { spec: { policyTypes: ['Ingress', 'Egress'], egress: [{ ports: [{ protocol: 'TCP' }] }] } },
  ],
  [
    persistentVolumeClaim,
    { spec: { resources: { requests: { storage: '0.5Gi' } } } },
    { spec: { volumeMode: 'Filesystem' } },
  ],
  [
    persistentVolume,
    { spec: { hostPath: { path: '/x' } } },
    { spec: { persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem', hostPath: { type: '' } } },
  ],
  [priorityClass, { value: 1 }, { preemptionPolicy: 'PreemptLowerPriority' }],
  [
    priorityLevelConfiguration,
    { spec: { type: 'Limited', limited: { limitResponse: { type: 'Queue', queuing: {} } } } },
    {
      spec: {
        limited: {
          nominalConcurrencyShares: 30,
          lendablePercent: 0,
          limitResponse: { queuing: { handSize: 8, queues: 64, queueLengthLimit: 50 } },
        },
      },
    },
  ],
  [
    resourceClaim,
    { spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'c' } }] } } },
    { spec: { devices: { requests: [{ exactly: { allocationMode: 'ExactCount', count: 1 } }] } } },
  ],
  [resourceQuota, { spec: { hard: { 'requests.memory': '1n' } } }, { spec: { hard: { 'requests.memory': '1m' } } }],
  [storageClass, { provisioner: 'p' }, { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' }],
  [
    validatingAdmissionPolicy,
    { spec: { matchConstraints: { resourceRules: [{ operations: ['*'] }] } } },
    {
      spec: { failurePolicy: 'Fail', matchConstraints: { matchPolicy: 'Equivalent', resourceRules: [{ scope: '*' }] } },
    },
  ],
];

describe('defaults', () => {
  it.each(CASES.map(([kind, body, defaulted]) => [kind.kind, { kind, body, defaulted }]))(
    'of %s are those of upstream',
    (_name, { kind, body, defaulted }) => {
      expect(draftOf(kind, body)).toMatchObject(defaulted);
    },
  );

  it.each(CASES.map(([kind, body]) => [kind.kind, { kind, body }]))(
    'of %s applied twice change nothing',
    (_name, { kind, body }) => {
      const draft = draftOf(kind, body);
      const once = structuredClone(draft);
      kind.defaults?.(draft);
      expect(draft).toEqual(once);
    },
  );
});

describe('a status that a client sends with a new object', () => {
  const world = new RulesWorld();

  it.each([
    [
      persistentVolume,
      { spec: {}, status: { phase: 'Bound' } },
      { phase: 'Pending', lastPhaseTransitionTime: '2026-01-01T00:00:00Z' },
    ],
    [persistentVolumeClaim, { spec: {}, status: { phase: 'Bound' } }, { phase: 'Pending' }],
    [resourceQuota, { status: { used: { pods: '1' } } }, {}],
    [flowSchema, { spec: {}, status: { conditions: [{ type: 'Dangling' }] } }, {}],
  ] as readonly (readonly [Kind, object, object])[])('is not taken over', (kind, body, status) => {
    expect(world.create(kind, body)).toHaveProperty('status', status);
  });
});
