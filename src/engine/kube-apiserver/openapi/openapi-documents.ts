/**
 * OpenAPI of the built-in kinds, as it follows from their definitions and from the facts about their types. Each document is
 * made when first asked for. Left out: descriptions of operations and parameters, OpenAPI 3 as protobuf.
 */
import { sha512 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { encodeJson } from '../../machinery/json/encode-json.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import type { ServedGroup } from '../kind-registry.js';
import type { DocumentSupplies } from './document-supplies.port.js';
import { encodeOpenApi2 } from './gnostic-version-2.js';
import { PublishedBytes } from './published-bytes.js';
import { openApi2Document } from './version-2.js';
import { openApi3Document } from './version-3.js';

export interface OpenApiDocument {
  /** Changes with the content; of all forms, it is that of the JSON. */
  readonly hash: string;
  readonly json: PublishedBytes;
}

export class OpenApiDocuments {
  readonly #groups: readonly ServedGroup[];
  readonly #text: TextCodec;
  readonly #supplies: DocumentSupplies | undefined;
  /** Only bytes are kept: the trees that they are made of weigh many times as much. */
  readonly #made = new Map<string, OpenApiDocument>();
  #version2Protobuf: PublishedBytes | undefined;

  constructor(groups: readonly ServedGroup[], text: TextCodec, supplies?: DocumentSupplies) {
    this.#groups = groups;
    this.#text = text;
    this.#supplies = supplies;
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
      if (served !== undefined) {
        return this.#once(path, () => openApi3Document(served.kinds, this.#supplies?.describe));
      }
    }
    return undefined;
  }

  version2(): OpenApiDocument {
    return this.#once('v2', () => this.#version2Tree());
  }

  /** The same as gnostic's `openapi.v2.Document`. */
  version2Protobuf(): PublishedBytes {
    this.#version2Protobuf ??= this.#published(encodeOpenApi2(this.#version2Tree(), this.#text));
    return this.#version2Protobuf;
  }

  #version2Tree(): object {
    const kinds = this.#groups.flatMap(({ versions }) => versions.flatMap((each) => each.kinds));
    return openApi2Document(kinds, this.#supplies?.describe);
  }

  #paths(): readonly string[] {
    const paths = this.#groups.flatMap(({ group, versions }) => versions.map(({ version }) => pathOf(group, version)));
    return paths.sort();
  }

  #once(key: string, make: () => object): OpenApiDocument {
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const json = this.#text.encode(encodeJson(make()));
    const made = { hash: bytesToHex(sha512(json)).toUpperCase(), json: this.#published(json) };
    this.#made.set(key, made);
    return made;
  }

  #published(bytes: Uint8Array): PublishedBytes {
    return new PublishedBytes(bytes, this.#supplies);
  }
}

const pathOf = (group: string, version: string): string =>
  group === '' ? `api/${version}` : `apis/${group}/${version}`;
