import { tooManyRequests, type StatusError } from '../../machinery/status-error.js';
import { listOptionsOf } from '../reads/list-options.js';
import { Selection } from '../reads/selection.js';
import { readPage } from '../reads/snapshot.js';
import type { ResourceRequest } from '../request-context.js';
import type { ServerParts } from '../server-parts.js';
import { entriesAt, type StoredEntry } from '../storage/resource-storage.js';
import type { WireCall } from '../wire.js';
import { keyOfTarget } from '../writes/handler-support.js';
import { attempt, type Settle } from '../writes/settled.js';

const RETRY_SECONDS = 1;

type Parts = Pick<ServerParts, 'storage' | 'text' | 'conversions' | 'answers'>;

/** Goes on once the object of the request can be shown: converted for this very request, as upstream does it. */
export function whenObjectReady<T>(
  { storage, conversions }: Parts,
  { target }: ResourceRequest,
  settle: Settle<T>,
  next: (settle: Settle<T>) => void,
): void {
  if (target.kind.custom?.converter === undefined) return next(settle);
  const key = keyOfTarget(target);
  const found = (): readonly StoredEntry[] => entriesAt(storage, target.kind, key);
  conversions.whenFresh(target.kind, found()[0], settle, (once) =>
    conversions.whenReady(target.kind, found, once, next),
  );
}

/** Goes on once all that a list looks at can be shown. */
export function whenListReady<T>(
  { storage, text, conversions, answers }: Parts,
  context: ResourceRequest,
  settle: Settle<T>,
  next: (settle: Settle<T>) => void,
): void {
  const { kind, namespace } = context.target;
  if (kind.custom?.converter === undefined) return next(settle);
  answers.checkAcceptable(context);
  const options = listOptionsOf(context.query, false);
  const asked = new Selection(kind, options.labels, options.fields);
  // A selector may pass over any number of objects, and must see them all in its own version.
  const limit = asked.isEverything || options.limit === 0 ? options.limit : Number.MAX_SAFE_INTEGER;
  const all = { kind, namespace, selection: new Selection(kind, [], []), options: { ...options, limit } };
  const isFromStore = asked.isEverything && options.limit > 0 && options.resourceVersion !== '0';
  conversions.ready(
    kind,
    () => readPage(storage, text, all).entries,
    (error) => {
      if (error === undefined) attempt(settle, next);
      else settle({ error: isFromStore ? error : notReady(error) });
    },
  );
}

/** A watch begins once what is there can be shown. */
export function whenWatchReady(
  { storage, conversions }: Parts,
  { target: { kind, namespace } }: ResourceRequest,
  settle: Settle<never>,
  start: () => WireCall,
): WireCall {
  let call: WireCall | undefined;
  let isOver = false;
  conversions.whenReady<never>(
    kind,
    () => storage.range(kind, { namespace }).entries,
    ({ error }) => settle({ error: notReady(error!) }),
    () => {
      if (!isOver) call = start();
    },
  );
  return {
    cancel() {
      isOver = true;
      call?.cancel();
    },
  };
}

/** Upstream's cache of a kind never gets ready where one object cannot be converted; only pages of everything pass it by. */
const notReady = (error: StatusError): StatusError =>
  error.code === 500 ? tooManyRequests('storage is (re)initializing', RETRY_SECONDS) : error;
