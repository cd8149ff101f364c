/**
 * OpenAPI of the built-in kinds, as it follows from their definitions and from the facts about their types. Each document is
 * made when first asked for. Left out: descriptions of operations and parameters.
 */
import { sha512 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { encodeJson } from '../../machinery/json/encode-json.js';
import type { Kind } from '../../machinery/kind.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import type { ServedGroup } from '../kind-registry.js';
import { customDefinitions } from './custom-definitions.js';
import { definitionMarks } from './definition-marks.js';
import type { DefinitionTexts } from './document-definitions.js';
import type { DocumentSupplies } from './document-supplies.port.js';
import { FIXED_PATHS, groupPath, versionPath } from './group-paths.js';
import { encodeOpenApi2 } from './gnostic-version-2.js';
import { encodeOpenApi3 } from './gnostic-version-3.js';
import type { OpenApiSource } from './openapi-source.port.js';
import type { Path } from './operation.js';
import { pathsOf } from './operations.js';
import { PublishedBytes } from './published-bytes.js';
import type { Dialect } from './type-definitions.js';
import { openApi2Document } from './version-2.js';
import { openApi3Document } from './version-3.js';

export interface OpenApiDocument {
  /** Changes with the content; of all forms, it is that of the JSON. */
  readonly hash: string;
  readonly json: PublishedBytes;
}

export interface OpenApiOptions {
  readonly supplies?: DocumentSupplies | undefined;
  /** The documents of the built-in kinds: what is not about custom ones is theirs. */
  readonly base?: OpenApiDocuments | undefined;
}

const isCustom = ({ custom }: Kind): boolean => custom !== undefined;

export class OpenApiDocuments implements OpenApiSource {
  readonly #groups: readonly ServedGroup[];
  readonly #text: TextCodec;
  readonly #supplies: DocumentSupplies | undefined;
  readonly #base: OpenApiDocuments | undefined;
  /** Only bytes are kept: the trees that they are made of weigh many times as much. */
  readonly #made = new Map<string, OpenApiDocument>();
  /** Of version 3, by path. */
  readonly #protobuf = new Map<string, PublishedBytes>();
  #version2Protobuf: PublishedBytes | undefined;
  #marks: DefinitionTexts['marks'] | undefined;

  constructor(groups: readonly ServedGroup[], text: TextCodec, { supplies, base }: OpenApiOptions = {}) {
    this.#groups = groups;
    this.#text = text;
    this.#supplies = supplies;
    this.#base = base;
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

  /** The document at `api/v1`, `apis/apps` or `version`; `undefined` where there is none. */
  version3(path: string): OpenApiDocument | undefined {
    if (!this.#paths().includes(path)) return undefined;
    const shared = this.#isAboutCustom(path) ? undefined : this.#base?.version3(path);
    return shared ?? this.#once(path, () => openApi3Document(this.#contentOf(path), this.#texts));
  }

  /** The same as gnostic's `openapi.v3.Document`. */
  version3Protobuf(path: string): PublishedBytes | undefined {
    if (!this.#paths().includes(path)) return undefined;
    const shared = this.#isAboutCustom(path) ? undefined : this.#base?.version3Protobuf(path);
    const known = shared ?? this.#protobuf.get(path);
    if (known !== undefined) return known;
    const made = this.publishedBytes(encodeOpenApi3(openApi3Document(this.#contentOf(path), this.#texts), this.#text));
    this.#protobuf.set(path, made);
    return made;
  }

  version2(): OpenApiDocument {
    return this.#once('v2', () => this.#version2Tree());
  }

  /** The same as gnostic's `openapi.v2.Document`. */
  version2Protobuf(): PublishedBytes {
    if (this.#version2Protobuf !== undefined) return this.#version2Protobuf;
    const tree = this.#version2Tree();
    // Whoever is given the one form is told the hash of the other: both are made of one tree.
    this.#once('v2', () => tree);
    this.#version2Protobuf = this.publishedBytes(encodeOpenApi2(tree, this.#text));
    return this.#version2Protobuf;
  }

  #version2Tree(): object {
    return openApi2Document(this.#allPaths(), this.#texts);
  }

  get #texts(): DefinitionTexts {
    this.#marks ??= definitionMarks(this.#kinds(), this.#allPaths());
    const custom = this.#kinds().filter(isCustom);
    const define = (dialect: Dialect) => customDefinitions(custom, dialect);
    return { marks: this.#marks, describe: this.#supplies?.describe, define };
  }

  #kinds(): readonly Kind[] {
    return this.#groups.flatMap(({ versions }) => versions.flatMap((each) => each.kinds));
  }

  #isAboutCustom(path: string): boolean {
    return this.#groups.some(({ group, versions }) =>
      versions.some(({ version, kinds }) => path === pathOf(group, version) && kinds.some(isCustom)),
    );
  }

  #allPaths(): readonly Path[] {
    return this.#paths().flatMap((path) => this.#contentOf(path));
  }

  #paths(): readonly string[] {
    const paths = this.#groups.flatMap(({ group, versions }) => [
      ...(group === '' ? [] : [`apis/${group}`]),
      ...versions.map(({ version }) => pathOf(group, version)),
    ]);
    return [...Object.keys(FIXED_PATHS), ...paths].sort();
  }

  #contentOf(path: string): readonly Path[] {
    const fixed = Object.hasOwn(FIXED_PATHS, path) ? FIXED_PATHS[path] : undefined;
    if (fixed !== undefined) return [fixed];
    for (const { group, versions } of this.#groups) {
      if (group !== '' && path === `apis/${group}`) return [groupPath(group)];
      const served = versions.find(({ version }) => path === pathOf(group, version));
      if (served !== undefined) return [versionPath(group, served.version), ...served.kinds.flatMap(pathsOf)];
    }
    return [];
  }

  #once(key: string, make: () => object): OpenApiDocument {
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const made = this.published(make());
    this.#made.set(key, made);
    return made;
  }

  /** Any document in the form of these. */
  published(tree: object): OpenApiDocument {
    const json = this.#text.encode(encodeJson(tree));
    const hash = this.#supplies?.hash(json) ?? bytesToHex(sha512(json)).toUpperCase();
    return { hash, json: this.publishedBytes(json) };
  }

  publishedBytes(bytes: Uint8Array): PublishedBytes {
    return new PublishedBytes(bytes, this.#supplies);
  }
}

const pathOf = (group: string, version: string): string =>
  group === '' ? `api/${version}` : `apis/${group}/${version}`;
