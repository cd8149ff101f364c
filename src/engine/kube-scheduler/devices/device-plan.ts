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

export interface PlanningContext {
  readonly objects: ResourceReader;
  readonly selectors: DeviceSelectors;
  readonly pools: readonly DevicePool[];
}

/** The ways to satisfy a request, the best first. Throws a PluginFailure where it cannot be planned with. */
export function plansFor(
  context: PlanningContext,
  claim: ResourceClaim,
  request: DeviceRequest,
): readonly DevicePlan[] {
  const { name, exactly, firstAvailable = [] } = request;
  if (exactly !== undefined) return [planFor(context, claim, exactly, { request: name })];
  return firstAvailable.map((each) => planFor(context, claim, each, { request: name, alternative: each.name }));
}

function planFor(
  context: PlanningContext,
  claim: ResourceClaim,
  wanted: ExactDeviceRequest | DeviceSubRequest,
  name: RequestName,
): DevicePlan {
  const { deviceClassName, selectors = [], allocationMode, count = 1 } = wanted;
  const told = `claim ${keyOf(claim)}, request ${name.alternative ?? name.request}`;
  const deviceClass = context.objects.get(deviceClassKind, deviceClassName);
  if (deviceClass === undefined) {
    const cause = `deviceclass.resource.k8s.io "${deviceClassName}" not found`;
    throw new PluginFailure(`${told}: could not retrieve device class ${deviceClassName}: ${cause}`);
  }
  const hasAdminAccess = 'adminAccess' in wanted && wanted.adminAccess;
  const plan: DevicePlan = { ...name, deviceClass, selectors, hasAdminAccess, count };
  if (allocationMode !== 'All') return plan;
  const all: Candidate[] = [];
  for (const pool of context.pools) {
    if (pool.state !== 'whole') {
      const state = pool.state === 'invalid' ? 'invalid' : 'being updated';
      throw new PluginFailure(`${told}: asks for all devices, but resource pool ${pool.id} is currently ${state}`);
    }
    for (const candidate of pool.candidates) if (willDo(context.selectors, claim, plan, candidate)) all.push(candidate);
  }
  return { ...plan, count: all.length, all };
}

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
