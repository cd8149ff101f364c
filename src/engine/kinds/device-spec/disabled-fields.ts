/** Fields of device features that are off by default in the served version: upstream takes them away unless they are stored. */
import type { Device, DeviceClaim, DeviceClass, ResourceSlice } from '../../machinery/api/resource-v1.js';
import type { Draft } from '../../machinery/object.js';

const DEVICE_FIELDS = [
  'taints',
  'consumesCounters',
  'nodeName',
  'nodeSelector',
  'allNodes',
  'bindsToNode',
  'bindingConditions',
  'bindingFailureConditions',
  'allowMultipleAllocations',
] as const satisfies readonly (keyof Device)[];

export function dropDisabledClaimFields(claim: Draft<DeviceClaim> | undefined): void {
  for (const { exactly, firstAvailable = [] } of claim?.requests ?? []) {
    for (const request of exactly === undefined ? firstAvailable : [exactly, ...firstAvailable]) {
      delete request.tolerations;
      delete request.capacity;
    }
  }
  for (const constraint of claim?.constraints ?? []) delete constraint.distinctAttribute;
}

export function dropDisabledClassFields({ spec }: Draft<DeviceClass>): void {
  delete spec.extendedResourceName;
}

export function dropDisabledSliceFields({ spec }: Draft<ResourceSlice>): void {
  delete spec.sharedCounters;
  delete spec.perDeviceNodeSelection;
  for (const device of spec.devices ?? []) {
    for (const field of DEVICE_FIELDS) delete device[field];
    for (const capacity of Object.values(device.capacity ?? {})) delete capacity.requestPolicy;
  }
}
