import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import { type Body, bodyOf } from '../encoding/body.js';
import type { ServedGroup } from '../kind-registry.js';
import { aggregatedDiscoveryOf } from './aggregated.js';
import { apiVersionsOf, groupListOf, groupOf } from './group-list.js';
import { resourceListOf } from './resource-list.js';

/** Where pods reach the API server: the first address of the default Service range. */
const SERVICE_ADDRESS = '10.96.0.1:443';

export interface HashedBody {
  readonly body: Body;
  /** In hexadecimal. */
  readonly hash: string;
}

/** What discovery says of one set of kinds: each document is made when first asked for, and kept. */
export class DiscoveryDocuments {
  readonly #groups: readonly ServedGroup[];
  readonly #text: TextCodec;
  readonly #made = new Map<string, HashedBody>();

  constructor(groups: readonly ServedGroup[], text: TextCodec) {
    this.#groups = groups;
    this.#text = text;
  }

  /** All of `/api` or `/apis` in one document. */
  aggregated(root: '/api' | '/apis'): HashedBody {
    const wanted = (group: string): boolean => (root === '/api') === (group === '');
    return this.#once(`aggregated ${root}`, () =>
      aggregatedDiscoveryOf(this.#groups.filter((each) => wanted(each.group))),
    );
  }

  /** The document of a discovery path; `undefined` where there is none. */
  at(path: string): Body | undefined {
    const [, root, group, version, ...rest] = path.split('/');
    if (rest.length > 0) return undefined;
    if (root === 'api' && group === undefined)
      return this.#body(path, () => apiVersionsOf(this.#groups, SERVICE_ADDRESS));
    if (root === 'apis' && group === undefined) return this.#body(path, () => groupListOf(this.#groups));
    const [name, wanted] = root === 'api' ? ['', group] : [group, version];
    const served = this.#groups.find((each) => each.group === name);
    if (served === undefined) return undefined;
    if (wanted === undefined) return this.#body(path, () => groupOf(served));
    const servedVersion = served.versions.find((each) => each.version === wanted);
    if (servedVersion === undefined) return undefined;
    return this.#body(path, () => resourceListOf(served.group, servedVersion, this.#text));
  }

  #body(path: string, make: () => object): Body {
    return this.#once(path, make).body;
  }

  #once(key: string, make: () => object): HashedBody {
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const made = hashedBody(make(), this.#text);
    this.#made.set(key, made);
    return made;
  }
}

export function hashedBody(document: object, text: TextCodec): HashedBody {
  const body = bodyOf(document, text);
  return { body, hash: bytesToHex(sha256(body.json)).toUpperCase() };
}
