import type { Instant } from '../../kernel/clock.js';
import type { Kind } from '../../machinery/kind.js';
import { apiVersionOf, type KubeObject } from '../../machinery/object.js';
import type { Status } from '../../machinery/status-error.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import { joined } from '../encoding/body.js';
import type { Item } from '../encoding/list-body.js';
import type { ObjectForm } from '../negotiation/negotiation.js';
import { bookmarkRowOf, type IncludeObject, partialMetadata, rowOf, tableOf, type TableRow } from '../tables/table.js';

export type EventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';

const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

/** The one object without a name. */
interface Bookmark {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: { readonly resourceVersion: string; readonly annotations?: Readonly<Record<string, string>> };
}

/** How the events of one watch are written: all watches with the same `id` write the same bytes. */
export interface WatchForm {
  readonly id: string;
  /** JSON of what stands under `object`. `isFirst` is true for the first event of a stream. */
  encode(item: Item, isFirst: boolean): Uint8Array;
  bookmark(bookmark: Bookmark, isFirst: boolean): Uint8Array;
  /** Whether the first event differs from a later one with the same content. */
  readonly firstDiffers: boolean;
}

interface WatchFormOptions {
  readonly kind: Kind;
  readonly form: ObjectForm | undefined;
  readonly include: IncludeObject;
  readonly text: TextCodec;
  now(): Instant;
}

export function watchFormOf(options: WatchFormOptions): WatchForm {
  const { kind, form, include, text } = options;
  const json = (value: unknown): Uint8Array => text.encode(JSON.stringify(value));
  const plural = `${kind.group}/${kind.version}/${kind.plural}`;
  if (form === undefined) {
    return { id: plural, firstDiffers: false, encode: ({ bytes }) => bytes, bookmark: (bookmark) => json(bookmark) };
  }
  const { version } = form;
  if (form.kind !== 'Table') {
    return {
      id: `${plural} metadata ${version}`,
      firstDiffers: false,
      encode: ({ object }) => json(partialMetadata(object, version)),
      bookmark: (bookmark) => json(partialMetadata(bookmark, version)),
    };
  }
  const table = (row: TableRow, { metadata }: KubeObject | Bookmark, isFirst: boolean): Uint8Array => {
    const content = { metadata: { resourceVersion: metadata.resourceVersion ?? '' }, rows: [row] };
    return json(tableOf(kind, content, version, isFirst));
  };
  return {
    id: `${plural} table ${version} ${include}`,
    firstDiffers: true,
    encode: ({ object }, isFirst) =>
      table(rowOf(kind, object, { version, include, now: options.now() }), object, isFirst),
    bookmark: (bookmark, isFirst) => table(bookmarkRowOf(kind, bookmark, version), bookmark, isFirst),
  };
}

/** The object of a bookmark: nothing but the revision up to which the client has seen everything. */
export function bookmarkOf(kind: Kind, revision: number, isEndOfInitialEvents: boolean): Bookmark {
  const resourceVersion = String(revision);
  const annotations = { [INITIAL_EVENTS_END]: 'true' };
  const metadata = isEndOfInitialEvents ? { resourceVersion, annotations } : { resourceVersion };
  return { kind: kind.kind, apiVersion: apiVersionOf(kind), metadata };
}

/** One line of the stream. */
export function eventLine(type: EventType, object: Uint8Array, text: TextCodec): Uint8Array {
  return joined([text.encode(`{"type":"${type}","object":`), object, text.encode('}\n')]);
}

export const errorLine = (status: Status, text: TextCodec): Uint8Array =>
  eventLine('ERROR', text.encode(JSON.stringify(status)), text);
