import type { ControllerRevision } from '../machinery/api/apps-v1.js';
import { defineKind } from '../machinery/kind.js';
import { ageColumn, nameColumn } from './shared/columns.js';
import { deepEqual } from '../machinery/equality.js';
import { invalid, required } from '../machinery/field-error.js';
import { isJsonObject } from '../machinery/structure.js';
import { checkNonNegative } from './pod-spec/checks.js';

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

  validate({ data, revision }, report) {
    checkNonNegative(report, 'revision', revision);
    if (data === undefined || data === null) report(required('data', 'data is mandatory'));
    else if (!isJsonObject(data)) report(required('data', 'data must be a valid JSON object'));
  },

  validateUpdate({ data, revision }, old, report) {
    checkNonNegative(report, 'revision', revision);
    if (!deepEqual(data, old.data)) report(invalid('data', data, 'field is immutable'));
  },
});

/** `statefulset.apps/web`: the owner that controls this revision. */
function controllerText({ metadata }: ControllerRevision): string {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  if (owner === undefined) return '<none>';
  const [group] = owner.apiVersion.includes('/') ? owner.apiVersion.split('/') : [undefined];
  return `${(group === undefined ? owner.kind : `${owner.kind}.${group}`).toLowerCase()}/${owner.name}`;
}
