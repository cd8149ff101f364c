import type { KubernetesObject, V1Condition, V1CustomResourceDefinition, V1ObjectMeta } from '@kubernetes/client-node';

export const GROUP = 'boards.example.com';
export const VERSION = 'v1';
export const PLURAL = 'boards';
export const KIND = 'Board';
export const SYSTEM_NAMESPACE = 'board-system';
export const ACCOUNT = 'board-operator';

/** A notice, shown by pods of its own. */
export interface Board extends KubernetesObject {
  metadata: V1ObjectMeta & { name: string; namespace: string };
  spec: { text: string; replicas?: number };
  status?: { observedGeneration?: number; readyReplicas?: number; conditions?: V1Condition[] };
}

const time = { type: 'string', format: 'date-time' };
const text = { type: 'string' };
const integer = { type: 'integer', format: 'int32', minimum: 0 };

export const definition: V1CustomResourceDefinition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${PLURAL}.${GROUP}` },
  spec: {
    group: GROUP,
    scope: 'Namespaced',
    names: { plural: PLURAL, singular: 'board', kind: KIND, listKind: 'BoardList' },
    versions: [
      {
        name: VERSION,
        served: true,
        storage: true,
        subresources: { status: {} },
        additionalPrinterColumns: [{ name: 'Text', type: 'string', jsonPath: '.spec.text' }],
        schema: {
          openAPIV3Schema: {
            type: 'object',
            required: ['spec'],
            properties: {
              spec: {
                type: 'object',
                required: ['text'],
                properties: { text: { ...text, maxLength: 100 }, replicas: { ...integer, _default: 1 } },
              },
              status: {
                type: 'object',
                properties: {
                  observedGeneration: { type: 'integer', format: 'int64' },
                  readyReplicas: integer,
                  conditions: {
                    type: 'array',
                    x_kubernetes_list_type: 'map',
                    x_kubernetes_list_map_keys: ['type'],
                    items: {
                      type: 'object',
                      required: ['type', 'status'],
                      properties: { type: text, status: text, reason: text, message: text, lastTransitionTime: time },
                    },
                  },
                },
              },
            },
          },
        },
      },
    ],
  },
};

const RBAC = 'rbac.authorization.k8s.io';
const subjects = [{ kind: 'ServiceAccount', name: ACCOUNT, namespace: SYSTEM_NAMESPACE }];
const rule = (apiGroup: string, resources: readonly string[], verbs: readonly string[]) => ({
  apiGroups: [apiGroup],
  resources,
  verbs,
});

/** What the operator runs as, and what it may do: no more than it needs. */
export const access: readonly KubernetesObject[] = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: SYSTEM_NAMESPACE } },
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: ACCOUNT, namespace: SYSTEM_NAMESPACE } },
  {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRole',
    metadata: { name: ACCOUNT },
    rules: [
      rule(GROUP, ['boards'], ['get', 'list', 'watch', 'patch']),
      rule(GROUP, ['boards/status', 'boards/finalizers'], ['get', 'patch', 'update']),
      rule('apps', ['deployments'], ['get', 'list', 'watch', 'create', 'patch']),
      rule('', ['configmaps'], ['get', 'list', 'watch', 'create', 'patch']),
      rule('events.k8s.io', ['events'], ['create']),
    ],
  } as KubernetesObject,
  {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name: ACCOUNT },
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: ACCOUNT },
    subjects,
  } as KubernetesObject,
  {
    apiVersion: `${RBAC}/v1`,
    kind: 'Role',
    metadata: { name: ACCOUNT, namespace: SYSTEM_NAMESPACE },
    rules: [rule('coordination.k8s.io', ['leases'], ['get', 'create', 'update'])],
  } as KubernetesObject,
  {
    apiVersion: `${RBAC}/v1`,
    kind: 'RoleBinding',
    metadata: { name: ACCOUNT, namespace: SYSTEM_NAMESPACE },
    roleRef: { apiGroup: RBAC, kind: 'Role', name: ACCOUNT },
    subjects,
  } as KubernetesObject,
];
