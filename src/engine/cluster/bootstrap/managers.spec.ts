import { kinds } from '../../kinds/registry.js';
import { KindTable } from '../../kube-apiserver/kind-registry.js';
import { OwnershipParts } from '../../kube-apiserver/ownership/ownership-parts.js';
import { apiVersionOf } from '../../machinery/object.js';
import { bootstrapManagers } from './managers.js';
import { bootstrapObjects } from './objects.js';

const ownership = new OwnershipParts(new KindTable(kinds));

function managersOf(kind: string, name: string) {
  const template = bootstrapObjects.find((each) => each.kind === kind && each.metadata.name === name)!;
  const definition = kinds.find((each) => each.kind === kind && apiVersionOf(each) === template.apiVersion)!;
  return bootstrapManagers(ownership, definition, template);
}

describe('the managers of what a new cluster holds', () => {
  it('are those that a real server shows', () => {
    expect(managersOf('ClusterRole', 'cluster-admin')).toEqual([
      {
        manager: 'kube-apiserver',
        operation: 'Update',
        apiVersion: 'rbac.authorization.k8s.io/v1',
        time: '',
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:metadata': {
            'f:annotations': { '.': {}, 'f:rbac.authorization.kubernetes.io/autoupdate': {} },
            'f:labels': { '.': {}, 'f:kubernetes.io/bootstrapping': {} },
          },
          'f:rules': {},
        },
      },
    ]);
    expect(managersOf('Namespace', 'kube-node-lease')).toMatchObject([
      {
        manager: 'kube-apiserver',
        fieldsV1: { 'f:metadata': { 'f:labels': { '.': {}, 'f:kubernetes.io/metadata.name': {} } } },
      },
    ]);
    expect(managersOf('ConfigMap', 'kube-root-ca.crt')).toMatchObject([
      { manager: 'kube-controller-manager', fieldsV1: { 'f:data': { '.': {}, 'f:ca.crt': {} } } },
    ]);
  });

  it('are others for a status', () => {
    expect(managersOf('FlowSchema', 'exempt').map(({ manager, subresource }) => [manager, subresource])).toEqual([
      ['api-priority-and-fairness-config-consumer-v1', 'status'],
      ['api-priority-and-fairness-config-producer-v1', undefined],
    ]);
  });

  it('are told of every object', () => {
    for (const { kind, metadata } of bootstrapObjects) {
      const isBare = kind === 'ServiceAccount';
      expect([kind, metadata.name, managersOf(kind, metadata.name).length > 0]).toEqual([kind, metadata.name, !isBare]);
    }
  });
});
