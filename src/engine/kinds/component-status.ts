import type { ComponentStatus } from '../machinery/api/core-v1.js';
import { defineKind } from '../machinery/kind.js';
import { nameColumn } from './shared/columns.js';

export const componentStatus = defineKind<ComponentStatus>({
  group: '',
  version: 'v1',
  kind: 'ComponentStatus',
  plural: 'componentstatuses',
  shortNames: ['cs'],
  scope: 'Cluster',
  type: 'k8s.io/api/core/v1.ComponentStatus',
  verbs: ['get', 'list'],
  deprecation: 'v1 ComponentStatus is deprecated in v1.19+',
  columns: [
    nameColumn,
    {
      name: 'Status',
      type: 'string',
      value: (object) => {
        const { status } = healthy(object) ?? {};
        return status === undefined ? 'Unknown' : status === 'True' ? 'Healthy' : 'Unhealthy';
      },
    },
    { name: 'Message', type: 'string', value: (object) => healthy(object)?.message ?? '' },
    { name: 'Error', type: 'string', value: (object) => healthy(object)?.error ?? '' },
  ],
});

const healthy = ({ conditions = [] }: ComponentStatus) => conditions.find(({ type }) => type === 'Healthy');
