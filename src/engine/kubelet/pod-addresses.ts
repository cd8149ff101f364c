import type { Pod } from '../machinery/api/core-v1.js';

/** The first address is the bridge's. */
const HOST_FIRST = 2;
const NO_ADDRESS =
  'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox: ' +
  'plugin type="bridge" failed (add): failed to allocate for range 0: no IP addresses available in range set';

/**
 * Deals the addresses of one node's pod range, as the `host-local` plug-in does: the next free one after the last dealt.
 * A pod on the host's network has the node's address.
 */
export class PodAddresses {
  readonly #base: number;
  readonly #size: number;
  readonly #hostIp: string;
  readonly #taken = new Map<number, string>();
  readonly #byPod = new Map<string, number>();
  #next = HOST_FIRST;

  /** `podCidr` is an IPv4 range such as `10.244.1.0/24`. */
  constructor(podCidr: string, hostIp: string) {
    const [network = '', bits = ''] = podCidr.split('/');
    this.#base = ipv4ToNumber(network);
    this.#size = 2 ** (32 - Number(bits));
    this.#hostIp = hostIp;
  }

  /** Notes an address that a sandbox found on the node's disk holds. */
  adopt(podKey: string, ip: string): void {
    if (ip === this.#hostIp) return;
    const offset = ipv4ToNumber(ip) - this.#base;
    this.#taken.set(offset, podKey);
    this.#byPod.set(podKey, offset);
    this.#next = Math.max(this.#next, offset + 1);
  }

  /** `undefined` while every address is taken. */
  take(podKey: string, pod: Pod): string | undefined {
    if (pod.spec.hostNetwork === true) return this.#hostIp;
    const held = this.#byPod.get(podKey);
    if (held !== undefined) return numberToIpv4(this.#base + held);
    const offset = this.#free();
    if (offset === undefined) return undefined;
    this.#taken.set(offset, podKey);
    this.#byPod.set(podKey, offset);
    this.#next = offset + 1;
    return numberToIpv4(this.#base + offset);
  }

  release(podKey: string): void {
    const offset = this.#byPod.get(podKey);
    if (offset === undefined) return;
    this.#byPod.delete(podKey);
    this.#taken.delete(offset);
  }

  /** What the plug-in says where every address is taken. */
  get shortage(): string {
    return `${NO_ADDRESS}: ${numberToIpv4(this.#base + 1)}-${numberToIpv4(this.#base + this.#size - 2)}`;
  }

  #free(): number | undefined {
    const last = this.#size - 2;
    for (let tried = HOST_FIRST; tried <= last; tried++) {
      if (this.#next > last) this.#next = HOST_FIRST;
      if (!this.#taken.has(this.#next)) return this.#next;
      this.#next++;
    }
    return undefined;
  }
}

const ipv4ToNumber = (ip: string): number => ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

const numberToIpv4 = (value: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
