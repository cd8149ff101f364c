import type { Pod } from '../../src/engine/machinery/api/core-v1.js';
import type {
  AllocationResult,
  DeviceClass,
  DeviceRequest,
  ResourceClaim,
  ResourceSlice,
} from '../../src/engine/machinery/api/resource-v1.js';
import type { ArbitraryChoice } from './arbitrary-choice.js';

const DRIVER = 'gpu.example';
const API = { apiVersion: 'resource.k8s.io/v1' } as const;
const NAMESPACES = ['one', 'two'];
const NODE_NAMES = ['n0', 'n1', 'n2', 'n3'];
const EVERYWHERE = 'everywhere';
const CLAIM_NAMES = ['d0', 'd1', 'd2', 'd3', 'd4'];
const ZONE = 'topology.kubernetes.io/zone';

/** Devices of a small cluster, and claims for them; few enough that all ways to give them can be tried. */
export class ArbitraryDevices {
  readonly #choice: ArbitraryChoice;

  constructor(choice: ArbitraryChoice) {
    this.#choice = choice;
  }

  classes(): readonly DeviceClass[] {
    const kind = `"kind" in device.attributes["${DRIVER}"] && device.attributes["${DRIVER}"].kind == "fast"`;
    return [
      {
        ...API,
        kind: 'DeviceClass',
        metadata: { name: 'any' },
        spec: { selectors: [{ cel: { expression: 'true' } }] },
      },
      { ...API, kind: 'DeviceClass', metadata: { name: 'fast' }, spec: { selectors: [{ cel: { expression: kind } }] } },
    ];
  }

  slices(): readonly ResourceSlice[] {
    return [...NODE_NAMES, EVERYWHERE]
      .filter((name) => this.#choice.isLucky(name === EVERYWHERE ? 25 : 75))
      .map((name) => ({
        ...API,
        kind: 'ResourceSlice',
        metadata: { name },
        spec: {
          driver: DRIVER,
          pool: { name, generation: 1, resourceSliceCount: 1 },
          ...(name === EVERYWHERE ? { allNodes: true } : { nodeName: name }),
          devices: Array.from({ length: 1 + this.#choice.count(2) }, (_, index) => ({
            name: `g${index}`,
            attributes: this.#choice.isLucky(40) ? { kind: { string: 'fast' } } : {},
          })),
        },
      }));
  }

  claims(): readonly ResourceClaim[] {
    return NAMESPACES.flatMap((namespace) => CLAIM_NAMES.map((name) => this.claim(namespace, name)));
  }

  claim(namespace: string, name: string): ResourceClaim {
    const choice = this.#choice;
    return {
      ...API,
      kind: 'ResourceClaim',
      metadata: {
        name,
        namespace,
        uid: `${namespace}/${name}`,
        ...(choice.isLucky(6) ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
      },
      spec: { devices: { requests: [this.#request('r'), ...(choice.isLucky(25) ? [this.#request('s')] : [])] } },
      ...(choice.isLucky(30) ? { status: { allocation: this.#allocation() } } : {}),
    };
  }

  #request(name: string): DeviceRequest {
    const choice = this.#choice;
    const wanted = () => ({
      deviceClassName: choice.isLucky(5) ? 'no-class' : choice.pick(['any', 'any', 'fast']),
      allocationMode: 'ExactCount',
      count: choice.pick([1, 1, 2]),
    });
    if (choice.isLucky(55)) return { name, exactly: wanted() };
    return { name, firstAvailable: ['best', 'good'].map((way) => ({ name: way, ...wanted() })) };
  }

  #allocation(): AllocationResult {
    const choice = this.#choice;
    const pool = choice.pick([...NODE_NAMES, EVERYWHERE]);
    const result = { request: 'r', driver: DRIVER, pool, device: choice.pick(['g0', 'g1']) };
    const requirement = choice.isLucky(50)
      ? { matchFields: [{ key: 'metadata.name', operator: 'In', values: [pool] }] }
      : { matchExpressions: [{ key: ZONE, operator: 'In', values: [choice.pick(['a', 'b'])] }] };
    return {
      devices: { results: [result] },
      ...(pool === EVERYWHERE ? {} : { nodeSelector: { nodeSelectorTerms: [requirement] } }),
    };
  }

  /** The pod with entries for claims, by name or made for it. */
  demandedBy(pod: Pod): Pod {
    const choice = this.#choice;
    const named = () => (choice.isLucky(5) ? 'no-claim' : choice.pick(CLAIM_NAMES));
    const resourceClaims = Array.from({ length: 1 + choice.count(2) }, (_, index) =>
      choice.isLucky(75)
        ? { name: `e${index}`, resourceClaimName: named() }
        : { name: `e${index}`, resourceClaimTemplateName: 'template' },
    );
    const statuses = resourceClaims
      .filter(({ resourceClaimName }) => resourceClaimName === undefined && choice.isLucky(85))
      .map(({ name }) => (choice.isLucky(85) ? { name, resourceClaimName: `${pod.metadata.name}-${name}` } : { name }));
    return {
      ...pod,
      spec: { ...pod.spec, resourceClaims },
      ...(statuses.length === 0 ? {} : { status: { ...pod.status, resourceClaimStatuses: statuses } }),
    };
  }

  /** The claims that were made for the pod, most of them its own. */
  ownClaims({ metadata, status }: Pod): readonly ResourceClaim[] {
    return (status?.resourceClaimStatuses ?? []).flatMap(({ resourceClaimName: name }) => {
      if (name === undefined || !this.#choice.isLucky(90)) return [];
      const claim = this.claim(metadata.namespace ?? '', name);
      const uid = this.#choice.isLucky(85) ? (metadata.uid ?? '') : 'another';
      const owner = { apiVersion: 'v1', kind: 'Pod', name: metadata.name, uid, controller: true };
      return [{ ...claim, metadata: { ...claim.metadata, ownerReferences: [owner] } }];
    });
  }
}
