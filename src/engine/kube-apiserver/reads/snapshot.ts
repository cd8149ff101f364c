import { CompactedError, FutureRevisionError } from '../../etcd/errors.js';
import type { Kind } from '../../machinery/kind.js';
import { badRequest, resourceExpired, StatusError } from '../../machinery/status-error.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import type { ListMetadata } from '../encoding/list-body.js';
import type { ResourceStorage, StoredEntry } from '../storage/resource-storage.js';
import { type ContinueToken, decodeContinue, encodeContinue, NEWEST } from './continue-token.js';
import type { ListOptions } from './list-options.js';
import { parseResourceVersion, tooLargeResourceVersion } from './resource-version.js';
import type { Selection } from './selection.js';

/** What a list reads: mirrors the rules of apiserver's `storage` package for revisions and pages. */
interface SnapshotRequest {
  readonly kind: Kind;
  readonly namespace: string | undefined;
  readonly selection: Selection;
  readonly options: ListOptions;
}

interface Page {
  readonly entries: readonly StoredEntry[];
  readonly metadata: ListMetadata;
  readonly revision: number;
}

/** Entries that one look at the store takes in while a selector passes over most of them. */
const SCAN_ENTRIES_MAX = 1_000;
const TOO_OLD = 'The resourceVersion for the provided list is too old.';
const CONTINUE_TOO_OLD =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
  'the continue parameter, or use the continue token in this response to retrieve the remainder of the results. ' +
  'Continuing with the provided token results in an inconsistent list - objects that were created, modified, or ' +
  'deleted between the time the first chunk was returned and now may show up in the list.';

/** Reads one page. @throws StatusError 400, 410, 504 */
export function readPage(storage: ResourceStorage, text: TextCodec, request: SnapshotRequest): Page {
  const only = onlyKeyOf(request);
  const place = placeOf(storage, text, request, only !== undefined);
  try {
    return only === undefined ? readRange(storage, text, request, place) : readOne(storage, request, only, place);
  } catch (error) {
    if (error instanceof CompactedError) throw expired(place.token, text);
    if (error instanceof FutureRevisionError) throw tooLargeResourceVersion(String(place.revision), storage.revision);
    throw error;
  }
}

/** Where to read: `revision` is `undefined` for the newest. */
interface Place {
  readonly revision: number | undefined;
  readonly token: ContinueToken | undefined;
  readonly limit: number;
}

function placeOf(storage: ResourceStorage, text: TextCodec, { options }: SnapshotRequest, isSingle: boolean): Place {
  const { resourceVersion, resourceVersionMatch: match, limit } = options;
  if (options.continue !== '' && !isSingle) {
    const token = decodeContinue(options.continue, text);
    if (resourceVersion !== '' && resourceVersion !== '0') {
      throw badRequest('specifying resource version is not allowed when using continue');
    }
    return { revision: token.revision === NEWEST || token.revision < 0 ? undefined : token.revision, token, limit };
  }
  if (resourceVersion === '') return { revision: undefined, token: undefined, limit };
  const revision = listRevision(resourceVersion);
  if (revision > storage.revision) throw tooLargeResourceVersion(resourceVersion, storage.revision);
  const isExact = match === 'Exact' || (match === '' && limit > 0 && !isSingle);
  if (revision === 0) return { revision: undefined, token: undefined, limit: 0 };
  return { revision: isExact ? revision : undefined, token: undefined, limit };
}

/** Lists answer 400 where reads of one object answer 500. */
function listRevision(text: string): number {
  try {
    return parseResourceVersion(text);
  } catch (error) {
    if (error instanceof StatusError) throw badRequest(`invalid resource version: ${error.message}`);
    throw error;
  }
}

/** The one object that the selection can show, where it can be named. */
function onlyKeyOf({ kind, namespace, selection }: SnapshotRequest): string | undefined {
  const { name } = selection;
  if (name === undefined || name === '') return undefined;
  if (kind.scope === 'Cluster') return name;
  return namespace === undefined ? undefined : `${namespace}/${name}`;
}

function readOne(
  storage: ResourceStorage,
  { kind, selection }: SnapshotRequest,
  key: string,
  { revision }: Place,
): Page {
  const entry = storage.get(kind, key, revision);
  const read = revision ?? storage.revision;
  const entries = entry !== undefined && selection.shows(entry.object) ? [entry] : [];
  return { entries, metadata: { resourceVersion: String(read) }, revision: read };
}

function readRange(storage: ResourceStorage, text: TextCodec, request: SnapshotRequest, place: Place): Page {
  const { kind, namespace, selection } = request;
  const revision = place.revision ?? storage.revision;
  const past = place.revision === undefined ? undefined : revision;
  const entries: StoredEntry[] = [];
  const limit = place.limit === 0 ? Infinity : place.limit;
  let afterKey = place.token === undefined ? undefined : keyBefore(place.token, namespace);
  for (;;) {
    const scan = selection.isEverything || limit === Infinity ? limit : SCAN_ENTRIES_MAX;
    const range = storage.range(kind, { namespace, revision: past, limit: scan, afterKey });
    for (const [index, entry] of range.entries.entries()) {
      if (!selection.isEverything && !selection.shows(entry.object)) continue;
      entries.push(entry);
      const left = range.entries.length - index - 1 + range.remaining;
      if (entries.length >= limit && left > 0) {
        const startKey = `${relativeKey(entry.key, namespace)}\0`;
        const token = encodeContinue({ revision, startKey }, text);
        return { entries, metadata: metadataOf(revision, token, selection.isEverything ? left : undefined), revision };
      }
      if (entries.length >= limit) break;
    }
    if (!range.more || entries.length >= limit) return { entries, metadata: metadataOf(revision), revision };
    afterKey = range.entries.at(-1)!.key;
  }
}

function metadataOf(revision: number, token?: string, remainingItemCount?: number): ListMetadata {
  return {
    resourceVersion: String(revision),
    ...(token === undefined ? {} : { continue: token }),
    ...(remainingItemCount === undefined ? {} : { remainingItemCount }),
  };
}

/** The key (`namespace/name`) after which the list goes on. Tokens of this server end in NUL: just after a given key. */
function keyBefore({ startKey }: ContinueToken, namespace: string | undefined): string {
  const key = startKey.endsWith('\0') ? startKey.slice(0, -1) : startKey;
  return namespace === undefined ? key : `${namespace}/${key}`;
}

const relativeKey = (key: string, namespace: string | undefined): string =>
  namespace === undefined ? key : key.slice(namespace.length + 1);

function expired(token: ContinueToken | undefined, text: TextCodec): StatusError {
  if (token === undefined) return resourceExpired(TOO_OLD);
  return resourceExpired(CONTINUE_TOO_OLD, encodeContinue({ ...token, revision: NEWEST }, text));
}
