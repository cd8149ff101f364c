import type { ControllerRevision } from '../machinery/api/apps-v1.js';
import { defineKind } from '../machinery/kind.js';
import { ageColumn, nameColumn } from './pod-spec/workload-columns.js';

export const controllerRevision = defineKind<ControllerRevision>({
  group: 'apps',
  version: 'v1',
  kind: 'ControllerRevision',
  plural: 'controllerrevisions',
  scope: 'Namespaced',
  type: 'k8s.io/api/apps/v1.ControllerRevision',
  columns: [
    nameColumn,
    { name: 'Controller', type: 'string', value: controllerText },
    { name: 'Revision', type: 'string', value: ({ revision }) => revision },
    ageColumn,
  ],
});

/** `statefulset.apps/web`: the owner that controls this revision. */
function controllerText({ metadata }: ControllerRevision): string {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  if (owner === undefined) return '<none>';
  const [group] = owner.apiVersion.includes('/') ? owner.apiVersion.split('/') : [undefined];
  return `${(group === undefined ? owner.kind : `${owner.kind}.${group}`).toLowerCase()}/${owner.name}`;
}
