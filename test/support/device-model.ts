import type { Node } from '../../src/engine/machinery/api/core-v1.js';
import type {
  DeviceAttribute,
  DeviceClass,
  DeviceConstraint,
  DeviceSubRequest,
  ExactDeviceRequest,
  ResourceClaim,
  ResourceSlice,
} from '../../src/engine/machinery/api/resource-v1.js';

/** What claims are given on a node, by the documented rules and by trying everything: slow, and written apart from the allocator. */
export interface DeviceModel {
  readonly node: Node;
  readonly slices: readonly ResourceSlice[];
  readonly classes: readonly DeviceClass[];
  /** `driver/pool/device` of what other claims have. */
  readonly inUse: ReadonlySet<string>;
}

/** `request=driver/pool/device` for every device of every claim. */
export type ModelSolution = readonly (readonly string[])[];

interface Choice {
  readonly claim: number;
  readonly request: string;
  readonly way: string;
  readonly isAdmin: boolean;
  readonly devices: readonly ModelDevice[];
}

interface ModelDevice {
  readonly id: string;
  readonly attributes: Readonly<Record<string, DeviceAttribute>>;
}

const RESULTS_MAX = 32;

/** The first solution in the order of requests, alternatives and devices. */
export function modelSolution(model: DeviceModel, claims: readonly ResourceClaim[]): ModelSolution | undefined {
  const devices = reachable(model);
  for (const choices of product(slotsOf(model, claims, devices))) {
    if (!isValid(model, claims, choices)) continue;
    return claims.map((_, index) =>
      choices
        .filter(({ claim }) => claim === index)
        .flatMap(({ way, devices: taken }) => taken.map(({ id }) => `${way}=${id}`)),
    );
  }
  return undefined;
}

function reachable({ node, slices }: DeviceModel): readonly ModelDevice[] {
  const poolOf = ({ spec }: ResourceSlice): string => `${spec.driver}/${spec.pool.name}`;
  return Array.from(new Set(slices.map(poolOf)))
    .sort()
    .flatMap((id) => {
      const pool = slices.filter((each) => poolOf(each) === id);
      const here = pool.filter((slice) => isHere(slice, node));
      const newest = Math.max(...here.map(({ spec }) => spec.pool.generation));
      const current = here.filter(({ spec }) => spec.pool.generation === newest);
      const wanted = current[0]?.spec.pool.resourceSliceCount;
      if (current.length !== wanted) {
        if (pool.some(({ spec }) => spec.pool.generation > newest)) return [];
        if (pool.filter(({ spec }) => spec.pool.generation === newest).length !== wanted) return [];
      }
      const names = current.flatMap(({ spec }) => (spec.devices ?? []).map(({ name }) => name));
      if (new Set(names).size < names.length) return [];
      return current.flatMap(({ spec }) =>
        (spec.devices ?? []).map(({ name, attributes = {} }) => ({ id: `${id}/${name}`, attributes })),
      );
    });
}

function isHere({ spec }: ResourceSlice, { metadata }: Node): boolean {
  if (spec.nodeName !== undefined) return spec.nodeName === metadata.name;
  if (spec.allNodes === true) return true;
  const [requirement] = spec.nodeSelector?.nodeSelectorTerms?.[0]?.matchExpressions ?? [];
  return requirement?.values?.includes(metadata.labels?.[requirement.key] ?? '') === true;
}

/** For each request, all that might be taken for it, the best first. */
function slotsOf(
  { classes }: DeviceModel,
  claims: readonly ResourceClaim[],
  devices: readonly ModelDevice[],
): readonly (readonly Choice[])[] {
  return claims.flatMap(({ spec }, claim) =>
    (spec.devices?.requests ?? []).map(({ name, exactly, firstAvailable = [] }) => {
      const choicesFor = (wanted: ExactDeviceRequest | DeviceSubRequest, way: string): Choice[] => {
        const deviceClass = classes.find(({ metadata }) => metadata.name === wanted.deviceClassName);
        const expressions = [...(deviceClass?.spec.selectors ?? []), ...(wanted.selectors ?? [])].map(
          ({ cel }) => cel?.expression ?? '',
        );
        const fitting = devices.filter((device) => expressions.every((each) => holds(each, device)));
        const isAdmin = 'adminAccess' in wanted && wanted.adminAccess;
        const parts = { claim, request: name, way, isAdmin };
        if (wanted.allocationMode === 'All') return fitting.length === 0 ? [] : [{ ...parts, devices: fitting }];
        return Array.from(tuples(fitting, wanted.count ?? 1), (taken) => ({ ...parts, devices: taken }));
      };
      if (exactly !== undefined) return choicesFor(exactly, name);
      return firstAvailable.flatMap((each) => choicesFor(each, `${name}/${each.name}`));
    }),
  );
}

/** The few expressions that are generated: `device.attributes["d"].kind == "x"`, or `true`. */
function holds(expression: string, { id, attributes }: ModelDevice): boolean {
  const wanted = /\.kind == "(\w+)"$/.exec(expression)?.[1];
  if (wanted !== undefined) return attributes['kind']?.string === wanted;
  const driver = /^device\.driver == "([\w.]+)"$/.exec(expression)?.[1];
  return driver === undefined || id.startsWith(`${driver}/`);
}

function* tuples(devices: readonly ModelDevice[], count: number): Iterable<readonly ModelDevice[]> {
  if (count === 0) return yield [];
  for (const first of devices) {
    for (const rest of tuples(
      devices.filter((each) => each !== first),
      count - 1,
    )) {
      yield [first, ...rest];
    }
  }
}

function* product(slots: readonly (readonly Choice[])[]): Iterable<readonly Choice[]> {
  const [first, ...others] = slots;
  if (first === undefined) return yield [];
  for (const choice of first) for (const rest of product(others)) yield [choice, ...rest];
}

function isValid({ inUse }: DeviceModel, claims: readonly ResourceClaim[], choices: readonly Choice[]): boolean {
  const before: { readonly claim: number; readonly id: string }[] = [];
  for (const { claim, isAdmin, devices } of choices) {
    for (const { id } of devices) {
      const isTaken = isAdmin
        ? before.some((each) => each.id === id && each.claim === claim)
        : inUse.has(id) || before.some((each) => each.id === id);
      if (isTaken) return false;
      before.push({ claim, id });
    }
  }
  return claims.every(({ spec }, index) => {
    const own = choices.filter(({ claim }) => claim === index);
    if (own.reduce((sum, { devices }) => sum + devices.length, 0) > RESULTS_MAX) return false;
    return (spec.devices?.constraints ?? []).every((constraint) => isMet(constraint, own));
  });
}

function isMet({ matchAttribute = '', requests = [] }: DeviceConstraint, choices: readonly Choice[]): boolean {
  const [domain = '', name = ''] = matchAttribute.split('/');
  const values = choices
    .filter(({ request, way }) => requests.length === 0 || requests.includes(request) || requests.includes(way))
    .flatMap(({ devices }) => devices)
    .map(({ id, attributes }) => (id.startsWith(`${domain}/`) ? attributes[name] : undefined));
  if (values.includes(undefined)) return false;
  return new Set(values.map((value) => JSON.stringify(value))).size <= 1;
}
