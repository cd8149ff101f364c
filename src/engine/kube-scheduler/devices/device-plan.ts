import { deviceClass as deviceClassKind } from '../../kinds/device-class.js';
import type {
  DeviceClass,
  DeviceRequest,
  DeviceSelector,
  DeviceSubRequest,
  ExactDeviceRequest,
  ResourceClaim,
} from '../../machinery/api/resource-v1.js';
import { keyOf } from '../../machinery/object.js';
import type { ResourceReader } from '../../machinery/resource-reader.port.js';
import { PluginFailure } from '../plugin-failure.js';
import type { Candidate, DevicePool } from './device-pools.js';
import type { DeviceSelectors } from './device-selectors.js';
import type { RequestName } from './match-attribute.js';

/** One way to satisfy one request of a claim. */
export interface DevicePlan extends RequestName {
  readonly deviceClass: DeviceClass;
  readonly selectors: readonly DeviceSelector[];
  /** Devices that others use will do: nothing is taken from them. */
  readonly hasAdminAccess: boolean;
  readonly count: number;
  /** Where all devices are wanted that will do: these. */
  readonly all?: readonly Candidate[];
}

/** The ways to satisfy a request on any node, the best first. Throws a PluginFailure where a class is not there. */
export function plansFor(
  objects: ResourceReader,
  claim: ResourceClaim,
  { name, exactly, firstAvailable = [] }: DeviceRequest,
): readonly DevicePlan[] {
  if (exactly !== undefined) return [planFor(objects, claim, exactly, { request: name })];
  return firstAvailable.map((each) => planFor(objects, claim, each, { request: name, alternative: each.name }));
}

function planFor(
  objects: ResourceReader,
  claim: ResourceClaim,
  wanted: ExactDeviceRequest | DeviceSubRequest,
  name: RequestName,
): DevicePlan {
  const { deviceClassName, selectors = [], allocationMode, count = 1 } = wanted;
  const deviceClass = objects.get(deviceClassKind, deviceClassName);
  if (deviceClass === undefined) {
    const cause = `deviceclass.resource.k8s.io "${deviceClassName}" not found`;
    throw new PluginFailure(`${told(claim, name)}: could not retrieve device class ${deviceClassName}: ${cause}`);
  }
  const hasAdminAccess = 'adminAccess' in wanted && wanted.adminAccess;
  const plan = { ...name, deviceClass, selectors, hasAdminAccess };
  return allocationMode === 'All' ? { ...plan, count: 0, all: [] } : { ...plan, count };
}

/** The same on a node with these pools: only a plan for all devices differs. Throws a PluginFailure where they are unknown. */
export function planOn(
  plan: DevicePlan,
  claim: ResourceClaim,
  { pools, selectors }: { readonly pools: readonly DevicePool[]; readonly selectors: DeviceSelectors },
): DevicePlan {
  if (plan.all === undefined) return plan;
  const all: Candidate[] = [];
  for (const { id, state, candidates } of pools) {
    if (state !== 'whole') {
      const cause = `resource pool ${id} is currently ${state === 'invalid' ? 'invalid' : 'being updated'}`;
      throw new PluginFailure(`${told(claim, plan)}: asks for all devices, but ${cause}`);
    }
    for (const candidate of candidates) if (willDo(selectors, claim, plan, candidate)) all.push(candidate);
  }
  return { ...plan, count: all.length, all };
}

/** Claim and request, as errors name them. */
export const told = (claim: ResourceClaim, { request, alternative }: RequestName): string =>
  `claim ${keyOf(claim)}, request ${alternative ?? request}`;

/** Whether class and claim choose the device. */
export function willDo(
  selectors: DeviceSelectors,
  claim: ResourceClaim,
  { deviceClass, selectors: own }: DevicePlan,
  { device, slice }: Candidate,
): boolean {
  const asked = { driver: slice.spec.driver, device };
  return (
    selectors.match(deviceClass.spec.selectors ?? [], asked, `class ${deviceClass.metadata.name}`) &&
    selectors.match(own, asked, `claim ${keyOf(claim)}`)
  );
}

/** As results and configurations name it. */
export const requestText = ({ request, alternative }: RequestName): string =>
  alternative === undefined ? request : `${request}/${alternative}`;
