/**
 * OpenAPI of the built-in kinds, as it follows from their definitions and from the facts about their types. Each document is
 * made when first asked for. Left out: descriptions, the constants of enumerations, proxies, and the documents of groups.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import { type Body, bodyOf, bodyOfJson } from '../encoding/body.js';
import type { ServedGroup } from '../kind-registry.js';
import { openApi2Document } from './version-2.js';
import { openApi3Document } from './version-3.js';

export interface OpenApiDocument {
  readonly body: Body;
  /** Changes with the content. */
  readonly hash: string;
}

export class OpenApiDocuments {
  readonly #groups: readonly ServedGroup[];
  readonly #text: TextCodec;
  readonly #made = new Map<string, OpenApiDocument>();

  constructor(groups: readonly ServedGroup[], text: TextCodec) {
    this.#groups = groups;
    this.#text = text;
  }

  /** `/openapi/v3`: where the document of each group version is. */
  index(): OpenApiDocument {
    return this.#once('', () => {
      const paths = this.#paths().map((path) => {
        const { hash } = this.version3(path)!;
        return [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }] as const;
      });
      return { paths: Object.fromEntries(paths) };
    });
  }

  /** The document at `api/v1` or `apis/apps/v1`; `undefined` for a group version that is not served. */
  version3(path: string): OpenApiDocument | undefined {
    for (const { group, versions } of this.#groups) {
      const served = versions.find(({ version }) => path === pathOf(group, version));
      if (served !== undefined) return this.#once(path, () => openApi3Document(served.kinds));
    }
    return undefined;
  }

  version2(): OpenApiDocument {
    const kinds = this.#groups.flatMap(({ versions }) => versions.flatMap((each) => each.kinds));
    return this.#once('v2', () => openApi2Document(kinds));
  }

  #paths(): readonly string[] {
    const paths = this.#groups.flatMap(({ group, versions }) => versions.map(({ version }) => pathOf(group, version)));
    return paths.sort();
  }

  #once(key: string, make: () => object): OpenApiDocument {
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    // Only the bytes are kept: the trees that they are made of weigh many times as much.
    const { json } = bodyOf(make(), this.#text);
    const text = this.#text;
    const made: OpenApiDocument = {
      hash: bytesToHex(sha256(json)).toUpperCase(),
      get body() {
        return bodyOfJson(json, text);
      },
    };
    this.#made.set(key, made);
    return made;
  }
}

const pathOf = (group: string, version: string): string =>
  group === '' ? `api/${version}` : `apis/${group}/${version}`;
