import type { DeviceAttribute, DeviceConstraint } from '../../machinery/api/resource-v1.js';
import type { Candidate } from './device-pools.js';

/** What a device is taken for. */
export interface RequestName {
  readonly request: string;
  /** Of the alternative; absent where the request has none. */
  readonly alternative?: string;
}

/** All devices of some requests must have one value of an attribute. It counts them: the last to go frees the choice. */
export class MatchAttribute {
  readonly #attribute: string;
  readonly #requests: ReadonlySet<string>;
  #value: DeviceAttribute | undefined;
  #count = 0;

  constructor({ matchAttribute = '', requests = [] }: DeviceConstraint) {
    this.#attribute = matchAttribute;
    this.#requests = new Set(requests);
  }

  /** Counts the device in, unless it does not go with the others. */
  add(name: RequestName, candidate: Candidate): boolean {
    if (!this.#concerns(name)) return true;
    const value = attributeOf(candidate, this.#attribute);
    if (value === undefined) return false;
    if (this.#count === 0) this.#value = value;
    else if (!areAlike(value, this.#value)) return false;
    this.#count++;
    return true;
  }

  /** For every `add` that was true, the same. */
  remove(name: RequestName): void {
    if (this.#concerns(name)) this.#count--;
  }

  #concerns({ request, alternative }: RequestName): boolean {
    const names = this.#requests;
    if (names.size === 0 || names.has(request)) return true;
    return alternative !== undefined && names.has(`${request}/${alternative}`);
  }
}

/** By its full name, or by the bare name where the domain is the driver's. */
function attributeOf({ device, slice }: Candidate, name: string): DeviceAttribute | undefined {
  const { attributes = {} } = device;
  if (Object.hasOwn(attributes, name)) return attributes[name];
  const cut = name.indexOf('/');
  const bare = name.slice(cut + 1);
  return name.slice(0, cut) === slice.spec.driver && Object.hasOwn(attributes, bare) ? attributes[bare] : undefined;
}

function areAlike(a: DeviceAttribute, b: DeviceAttribute | undefined): boolean {
  if (b === undefined) return false;
  if (a.string !== undefined) return a.string === b.string;
  if (a.int !== undefined) return a.int === b.int;
  if (a.bool !== undefined) return a.bool === b.bool;
  return a.version !== undefined && a.version === b.version;
}
