import type {
  DeviceRequest,
  DeviceSubRequest,
  ExactDeviceRequest,
  ResourceClaim,
} from '../../machinery/api/resource-v1.js';
import { addQuantity, quantityOf, type Quantity } from '../../machinery/quantity.js';
import type { QuotaEvaluator } from './quota-evaluator.js';

const COUNT = 'count/resourceclaims.resource.k8s.io';
const OF_CLASS = '.deviceclass.resource.k8s.io/devices';
/** What a request for all devices may come to. */
const ALL_DEVICES = 32;

/** Counts claims, and the devices that they may get at most, by class. */
export const deviceClaimEvaluator: QuotaEvaluator = Object.freeze({
  handles: ({ subresource }) => subresource === undefined,
  matching: (names) => names.filter((name) => name === COUNT || name.endsWith(OF_CLASS)),
  isInScope: () => false,

  usage(object) {
    const used: Record<string, Quantity> = { [COUNT]: quantityOf(1) };
    for (const request of (object as ResourceClaim).spec.devices?.requests ?? []) {
      for (const [className, count] of worstCase(request)) {
        const name = `${className}${OF_CLASS}`;
        used[name] = addQuantity(used[name] ?? quantityOf(0), quantityOf(count));
      }
    }
    return used;
  },
} satisfies QuotaEvaluator);

/** Of alternatives, each class counts with the one that takes the most of it. */
function worstCase({ exactly, firstAvailable = [] }: DeviceRequest): ReadonlyMap<string, number> {
  const most = new Map<string, number>();
  for (const each of exactly === undefined ? firstAvailable : [exactly]) {
    most.set(each.deviceClassName, Math.max(most.get(each.deviceClassName) ?? 0, devicesOf(each)));
  }
  return most;
}

const devicesOf = ({ allocationMode, count = 0 }: ExactDeviceRequest | DeviceSubRequest): number =>
  allocationMode === 'All' ? ALL_DEVICES : count;
