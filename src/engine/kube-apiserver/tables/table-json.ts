import { encodeJson } from '../../machinery/json/encode-json.js';
import type { KubeObject } from '../../machinery/object.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import { joined } from '../encoding/body.js';
import type { Item } from '../encoding/list-body.js';
import { encodeMetadata, encodeObject } from '../storage/encode-object.js';
import { metadataWithin } from '../storage/metadata-within.js';
import {
  cellsOf,
  definitionsOf,
  hasDefaultColumns,
  type TableMetadata,
  type TableOptions,
  type Tabular,
} from './table.js';

/** What a row shows, and its JSON where that is at hand. */
export type Shown = Pick<Item, 'object'> & { readonly [Key in 'bytes' | 'metadataBytes']?: Uint8Array | undefined };

export interface TableContent {
  readonly metadata: TableMetadata;
  readonly items: readonly Shown[];
}

/**
 * A Table's JSON, as encoding `tableOf` makes it. The definitions of its columns, which are most of a short Table, are encoded
 * once, and the metadata of its objects, which are most of a long one, are taken from the objects' own encoding.
 */
export class TableTexts {
  readonly #text: TextCodec;
  readonly #definitions = new WeakMap<Tabular['columns'], Uint8Array>();
  readonly #rowEnd: Uint8Array;

  constructor(text: TextCodec) {
    this.#text = text;
    this.#rowEnd = text.encode('}}');
  }

  of(kind: Tabular, { metadata, items }: TableContent, options: TableOptions): Uint8Array {
    const text = this.#text;
    const head = `{"kind":"Table","apiVersion":"meta.k8s.io/${options.version}","metadata":${encodeJson(metadata)}`;
    const parts = [text.encode(`${head},"columnDefinitions":`), this.#definitionsOf(kind)];
    let before = ',"rows":[';
    for (const shown of items) {
      const row = `${before}${rowHead(kind, shown.object, options)},"object":`;
      this.#addObject(parts, row, shown, options);
      before = ',';
    }
    const none = hasDefaultColumns(kind) ? ',"rows":null}' : ',"rows":[]}';
    parts.push(text.encode(items.length === 0 ? none : ']}'));
    return joined(parts);
  }

  /** Adds the text before it, the object as far as a row carries it, and the row's end. */
  #addObject(
    parts: Uint8Array[],
    before: string,
    shown: Shown,
    { include, version }: Pick<TableOptions, 'include' | 'version'>,
  ): void {
    const text = this.#text;
    const { object } = shown;
    if (include === 'None') return void parts.push(text.encode(`${before}null}`));
    if (include === 'Object') {
      const whole = shown.bytes ?? text.encode(encodeObject(object));
      return void parts.push(text.encode(before), whole, this.#rowEnd.subarray(1));
    }
    const start = `${before}{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/${version}","metadata":`;
    parts.push(text.encode(start), this.#metadataOf(shown), this.#rowEnd);
  }

  #metadataOf({ object, bytes, metadataBytes }: Shown): Uint8Array {
    const known = metadataBytes ?? (bytes && metadataWithin(bytes));
    return known ?? this.#text.encode(encodeMetadata(object.metadata));
  }

  #definitionsOf(kind: Tabular): Uint8Array {
    let bytes = this.#definitions.get(kind.columns);
    if (bytes === undefined) {
      bytes = this.#text.encode(JSON.stringify(definitionsOf(kind)));
      this.#definitions.set(kind.columns, bytes);
    }
    return bytes;
  }
}

function rowHead(kind: Tabular, object: KubeObject, { now }: TableOptions): string {
  const conditions = kind.rowConditions?.(object);
  const more = conditions === undefined ? '' : `,"conditions":${JSON.stringify(conditions)}`;
  return `{"cells":${JSON.stringify(cellsOf(kind, object, now))}${more}`;
}
