import { kinds } from '../../kinds/registry.js';
import { KindTable } from '../../kube-apiserver/kind-registry.js';
import { OwnershipParts } from '../../kube-apiserver/ownership/ownership-parts.js';
import type { ManagedFieldsEntry } from '../../machinery/api/meta-v1.js';
import { setBehind } from '../../machinery/managed-fields/field-set.js';
import { ClusterHarness } from '../../../../test/support/cluster-harness.js';
import { BootstrapTemplates } from './bootstrap-templates.js';

describe('the templates of what a new cluster holds', () => {
  it('know their managers by the sets that the API servers compare', () => {
    const ownership = new OwnershipParts(new KindTable(kinds));
    const entries = new BootstrapTemplates(ownership).all.flatMap(
      ({ template }) => (template.metadata['managedFields'] ?? []) as readonly ManagedFieldsEntry[],
    );
    expect(entries.length).toBeGreaterThan(200);
    for (const { fieldsV1 } of entries) expect(setBehind(fieldsV1!)?.pool).toBe(ownership.pool);
  });

  it('lose to a client what it changes, and nothing else', () => {
    const harness = new ClusterHarness();
    const path = '/apis/rbac.authorization.k8s.io/v1/clusterroles/view';
    harness.request('PATCH', path, { metadata: { labels: { team: 'x' } } }, 'application/merge-patch+json');
    const { metadata } = harness.get(path);
    const owners = (metadata.managedFields as readonly ManagedFieldsEntry[]).map(({ manager, fieldsV1 }) => [
      manager,
      Object.keys(fieldsV1 ?? {}),
    ]);
    expect(owners).toEqual([
      ['kube-apiserver', ['f:aggregationRule', 'f:metadata', 'f:rules']],
      ['unknown', ['f:metadata']],
    ]);
  });
});
