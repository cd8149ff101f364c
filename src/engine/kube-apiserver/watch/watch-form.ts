import type { Instant } from '../../kernel/clock.js';
import type { Kind } from '../../machinery/kind.js';
import { apiVersionOf, type KubeObject } from '../../machinery/object.js';
import type { Item } from '../encoding/list-body.js';
import type { EventFraming } from './event-framing.js';
import type { ObjectForm } from '../negotiation/negotiation.js';
import { bookmarkRowOf, type IncludeObject, partialMetadata, rowOf, tableOf, type TableRow } from '../tables/table.js';

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
  readonly framing: EventFraming;
  /** What stands under `object`. `isFirst` is true for the first event of a stream. */
  encode(item: Item, isFirst: boolean): Uint8Array;
  bookmark(bookmark: Bookmark, isFirst: boolean): Uint8Array;
  /** Whether the first event differs from a later one with the same content. */
  readonly firstDiffers: boolean;
}

interface WatchFormOptions {
  readonly kind: Kind;
  readonly form: ObjectForm | undefined;
  readonly include: IncludeObject;
  readonly framing: EventFraming;
  now(): Instant;
}

export function watchFormOf(options: WatchFormOptions): WatchForm {
  const { kind, form, include, framing } = options;
  const plural = `${framing.contentType} ${kind.group}/${kind.version}/${kind.plural}`;
  if (form === undefined) {
    return {
      id: plural,
      framing,
      firstDiffers: false,
      encode: (item) => framing.stored(item),
      bookmark: (bookmark) => framing.made(bookmark),
    };
  }
  const { version } = form;
  if (form.kind !== 'Table') {
    return {
      id: `${plural} metadata ${version}`,
      framing,
      firstDiffers: false,
      encode: ({ object }) => framing.made(partialMetadata(object, version)),
      bookmark: (bookmark) => framing.made(partialMetadata(bookmark, version)),
    };
  }
  const table = (row: TableRow, { metadata }: KubeObject | Bookmark, isFirst: boolean): Uint8Array => {
    const content = { metadata: { resourceVersion: metadata.resourceVersion ?? '' }, rows: [row] };
    return framing.made(tableOf(kind, content, version, isFirst));
  };
  return {
    id: `${plural} table ${version} ${include}`,
    framing,
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
