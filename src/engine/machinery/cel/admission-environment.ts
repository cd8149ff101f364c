/** What expressions of admission policies and of webhooks' conditions may name: upstream's `admission/plugin/cel`. */
import type { Variables } from './checker.js';
import { AUTHORIZER, RESOURCE_CHECK } from './library/authorizers.js';
import { objectType } from './object-type.js';
import { BOOL, DYN, INT, STRING, TIMESTAMP, listOf, mapOf, type ObjectType, type Type } from './types.js';

const KIND = objectType('kubernetes.GroupVersionKind', { group: STRING, version: STRING, kind: STRING });
const RESOURCE = objectType('kubernetes.GroupVersionResource', { group: STRING, version: STRING, resource: STRING });
const USER = objectType('kubernetes.UserInfo', {
  username: STRING,
  uid: STRING,
  groups: listOf(STRING),
  extra: mapOf(STRING, listOf(STRING)),
});

export const REQUEST_TYPE: ObjectType = objectType('kubernetes.AdmissionRequest', {
  kind: KIND,
  resource: RESOURCE,
  subResource: STRING,
  requestKind: KIND,
  requestResource: RESOURCE,
  requestSubResource: STRING,
  name: STRING,
  namespace: STRING,
  operation: STRING,
  userInfo: USER,
  dryRun: BOOL,
  options: DYN,
});

export const NAMESPACE_TYPE: ObjectType = objectType('kubernetes.Namespace', {
  metadata: objectType('kubernetes.NamespaceMetadata', {
    name: STRING,
    generateName: STRING,
    namespace: STRING,
    labels: mapOf(STRING, STRING),
    annotations: mapOf(STRING, STRING),
    UID: STRING,
    creationTimestamp: TIMESTAMP,
    deletionGracePeriodSeconds: INT,
    deletionTimestamp: TIMESTAMP,
    generation: INT,
    resourceVersion: STRING,
    finalizers: listOf(STRING),
  }),
  spec: objectType('kubernetes.NamespaceSpec', { finalizers: listOf(STRING) }),
  status: objectType('kubernetes.NamespaceStatus', {
    phase: STRING,
    conditions: listOf(
      objectType('kubernetes.NamespaceCondition', {
        status: STRING,
        type: STRING,
        lastTransitionTime: TIMESTAMP,
        message: STRING,
        reason: STRING,
      }),
    ),
  }),
});

export interface AdmissionVariables {
  readonly hasParams: boolean;
  readonly hasAuthorizer: boolean;
  /** The types of a policy's own variables that an expression may use: those before it. */
  readonly variables?: ReadonlyMap<string, Type>;
  /** The type of `object` and `oldObject`; anything unless given. */
  readonly object?: Type;
  readonly params?: Type;
}

export function admissionVariables(given: AdmissionVariables): Variables {
  const { object = DYN, params = DYN, variables } = given;
  const all = new Map<string, Type>([
    ['object', object],
    ['oldObject', object],
    ['namespaceObject', NAMESPACE_TYPE],
    ['request', REQUEST_TYPE],
  ]);
  if (given.hasParams) all.set('params', params);
  if (given.hasAuthorizer) all.set('authorizer', AUTHORIZER).set('authorizer.requestResource', RESOURCE_CHECK);
  if (variables !== undefined) {
    all.set('variables', objectType('kubernetes.variables', Object.fromEntries(variables)));
  }
  return all;
}
