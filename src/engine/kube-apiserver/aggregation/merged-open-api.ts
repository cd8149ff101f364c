import type { APIService } from '../../machinery/api/apiregistration-v1.js';
import type { JsonObject } from '../../machinery/structure.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import { encodeOpenApi2 } from '../openapi/gnostic-version-2.js';
import { encodeOpenApi3 } from '../openapi/gnostic-version-3.js';
import { mergedVersion2 } from '../openapi/merge-version-2.js';
import type { OpenApiDocument, OpenApiDocuments } from '../openapi/openapi-documents.js';
import type { OpenApiSource } from '../openapi/openapi-source.port.js';
import type { PublishedBytes } from '../openapi/published-bytes.js';
import { version3Of } from '../openapi/version-2-to-3.js';

/** What one server says of itself. */
export interface RemoteDescription {
  readonly service: APIService;
  /** Its index of OpenAPI 3: by path, where the document is. Without it, it knows OpenAPI 2 only. */
  readonly paths: ReadonlyMap<string, string> | undefined;
  /** OpenAPI 2 of its group and version. */
  readonly document: { readonly json: Uint8Array; readonly etag: string | undefined } | undefined;
}

interface MergedOpenApiOptions {
  /** Of the cluster itself. */
  readonly own: OpenApiDocuments;
  /** In the order in which what they say counts. */
  readonly known: readonly RemoteDescription[];
  readonly text: TextCodec;
  /** Who answers for a document of OpenAPI 3; `undefined` for the cluster. */
  serverOf(path: string): APIService | undefined;
}

/** The cluster's documents and those of others as one. The large ones are made again where memory was wanted for something else. */
export class MergedOpenApi implements OpenApiSource {
  readonly #options: MergedOpenApiOptions;
  #index: OpenApiDocument | undefined;
  #version2: WeakRef<OpenApiDocument> | undefined;
  #version2Protobuf: WeakRef<PublishedBytes> | undefined;
  /** Of servers that know OpenAPI 2 only, by path. */
  readonly #converted = new Map<string, OpenApiDocument>();

  constructor(options: MergedOpenApiOptions) {
    this.#options = options;
  }

  get own(): OpenApiDocuments {
    return this.#options.own;
  }

  index(): OpenApiDocument {
    this.#index ??= this.own.published(this.#indexTree());
    return this.#index;
  }

  version3(path: string): OpenApiDocument | undefined {
    return this.own.version3(path) ?? this.#convertedAt(path);
  }

  version3Protobuf(path: string): PublishedBytes | undefined {
    const known = this.own.version3Protobuf(path);
    if (known !== undefined) return known;
    const tree = this.#convertedTree(path);
    return tree === undefined ? undefined : this.own.publishedBytes(encodeOpenApi3(tree, this.#options.text));
  }

  version2(): OpenApiDocument {
    const known = this.#version2?.deref();
    if (known !== undefined) return known;
    const made = this.own.published(this.#version2Tree());
    this.#version2 = new WeakRef(made);
    return made;
  }

  version2Protobuf(): PublishedBytes {
    const known = this.#version2Protobuf?.deref();
    if (known !== undefined) return known;
    const made = this.own.publishedBytes(encodeOpenApi2(this.#version2Tree(), this.#options.text));
    this.#version2Protobuf = new WeakRef(made);
    return made;
  }

  #indexTree(): object {
    const { paths } = this.#parsed(this.own.index().json.plain) as { readonly paths: Readonly<Record<string, object>> };
    const all = new Map<string, object>(Object.entries(paths));
    for (const { service, paths: own } of this.#options.known) {
      for (const [path, url] of own ?? []) {
        const isTheirs = this.#options.serverOf(path)?.metadata.uid === service.metadata.uid;
        if (isTheirs) all.set(path, { serverRelativeURL: url });
      }
      const path = pathOf(service);
      const converted = own === undefined && !all.has(path) ? this.#convertedAt(path) : undefined;
      if (converted !== undefined) all.set(path, { serverRelativeURL: `/openapi/v3/${path}?hash=${converted.hash}` });
    }
    return { paths: Object.fromEntries([...all].sort(([one], [other]) => (one < other ? -1 : 1))) };
  }

  #version2Tree(): JsonObject {
    const others = this.#options.known.flatMap(({ document }) =>
      document === undefined ? [] : [this.#parsed(document.json)],
    );
    return mergedVersion2(this.#parsed(this.own.version2().json.plain), others);
  }

  #convertedAt(path: string): OpenApiDocument | undefined {
    const known = this.#converted.get(path);
    if (known !== undefined) return known;
    const tree = this.#convertedTree(path);
    if (tree === undefined) return undefined;
    const made = this.own.published(tree);
    this.#converted.set(path, made);
    return made;
  }

  #convertedTree(path: string): JsonObject | undefined {
    const found = this.#options.known.find(({ service, paths }) => paths === undefined && pathOf(service) === path);
    return found?.document === undefined ? undefined : version3Of(this.#parsed(found.document.json));
  }

  /** What was written here needs no second look. */
  #parsed(json: Uint8Array): JsonObject {
    return JSON.parse(this.#options.text.decode(json)) as JsonObject;
  }
}

const pathOf = ({ spec }: APIService): string => `apis/${spec?.group ?? ''}/${spec?.version ?? ''}`;
