import type { DeviceClass } from '../machinery/api/resource-v1.js';
import { defineKind } from '../machinery/kind.js';
import { checkDeviceClass } from './device-spec/claim-rules.js';
import { dropDisabledClassFields } from './device-spec/disabled-fields.js';
import { ageColumn, nameColumn } from './shared/columns.js';

export const deviceClass = defineKind<DeviceClass>({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'DeviceClass',
  plural: 'deviceclasses',
  scope: 'Cluster',
  type: 'k8s.io/api/resource/v1.DeviceClass',
  columns: [nameColumn, ageColumn],
  countsGenerations: true,

  prepareForCreate: dropDisabledClassFields,
  prepareForUpdate: dropDisabledClassFields,

  validate: (object, report) => checkDeviceClass(object, report),
  validateUpdate: (object, _old, report) => checkDeviceClass(object, report),
});
