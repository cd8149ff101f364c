import type { DeviceClaim } from '../../machinery/api/resource-v1.js';
import type { Draft } from '../../machinery/object.js';

/** A request asks for one device unless it says otherwise. */
export function defaultDeviceClaim(devices: Draft<DeviceClaim> | undefined): void {
  for (const { exactly, firstAvailable = [] } of devices?.requests ?? []) {
    for (const request of exactly === undefined ? firstAvailable : [exactly, ...firstAvailable]) {
      request.allocationMode ||= 'ExactCount';
      if (request.allocationMode === 'ExactCount') request.count ||= 1;
    }
  }
}
