/** Upstream's estimates of what a request takes, with their figures. */
import type { AuthorizationAttributes } from '../authorizer.port.js';
import type { Query } from '../query.js';
import type { WatchCounts } from './watch-counts.js';
import { ONE_SEAT, type Work } from './work.js';

const LIST_SEATS_MAX = 100;
const WRITE_SEATS_MAX = 10;
const BYTES_PER_SEAT = 100_000;
/** What a list out of the watch cache holds in memory at most, because it is streamed. */
const CACHED_LIST_BYTES_MAX = 1_000_000;
const WATCHES_PER_SEAT = 10;
const EVENT_LATENCY_MS = 5;
const INTEGER = /^[+-]?\d+$/;

/** The objects of one resource in the whole cluster. */
export interface ObjectStats {
  readonly count: number;
  readonly averageBytes: number;
}

export interface EstimateSources {
  /** No request of the level is wider; 0 where it sets no limit. */
  readonly seatsMax: number;
  readonly watches: WatchCounts;
  /** `undefined` for what is not stored here. */
  statsOf(request: AuthorizationAttributes): ObjectStats | undefined;
}

export function estimateWork(request: AuthorizationAttributes, query: Query, sources: EstimateSources): Work {
  if (!request.isResource) return ONE_SEAT;
  switch (request.verb) {
    case 'list':
    case 'watch':
      return listWork(request, query, sources);
    case 'create':
    case 'update':
    case 'patch':
    case 'delete':
      return writeWork(request, sources);
    default:
      return ONE_SEAT;
  }
}

function listWork(request: AuthorizationAttributes, query: Query, { seatsMax, statsOf }: EstimateSources): Work {
  const most = capped(seatsMax, LIST_SEATS_MAX);
  const isWatch = request.verb === 'watch';
  // A watch takes seats only while it sends what is there already.
  if (isWatch && !beginsWithState(query)) return ONE_SEAT;
  const limit = query.get('limit') ?? '';
  if (limit !== '' && !INTEGER.test(limit)) return seats(most);
  const stats = statsOf(request);
  if (stats === undefined) return ONE_SEAT;
  const { count, averageBytes } = stats;
  const asked = Number(limit);
  const limited = asked > 0 ? Math.min(asked, count) : count;
  const isCached = isWatch || isReadFromCache(query, asked);
  let loaded = request.name === '' ? limited : 1;
  if (request.name === '' && !isCached && isSelective(query)) loaded = Math.max(limited, Math.floor(count / 2));
  const bytes = loaded * averageBytes;
  const width = Math.ceil((isCached ? Math.min(bytes, CACHED_LIST_BYTES_MAX) : bytes) / BYTES_PER_SEAT);
  return seats(Math.min(Math.max(width, 1), most));
}

/** The seats that telling the watches takes, for longer where the level has not as many. */
function writeWork(request: AuthorizationAttributes, { seatsMax, watches }: EstimateSources): Work {
  if (watches.total < WATCHES_PER_SEAT || isTokenRequest(request)) return ONE_SEAT;
  const count = watches.interestedIn(request);
  if (count < WATCHES_PER_SEAT) return ONE_SEAT;
  const wanted = Math.ceil(count / WATCHES_PER_SEAT);
  const finalSeats = Math.min(wanted, capped(seatsMax, WRITE_SEATS_MAX));
  return { initialSeats: 1, finalSeats, additionalLatency: (wanted * EVENT_LATENCY_MS) / finalSeats };
}

function beginsWithState(query: Query): boolean {
  const resourceVersion = query.get('resourceVersion') ?? '';
  return query.flag('sendInitialEvents') || resourceVersion === '' || resourceVersion === '0';
}

function isReadFromCache(query: Query, limit: number): boolean {
  const resourceVersion = query.get('resourceVersion') ?? '';
  switch (query.get('resourceVersionMatch') ?? '') {
    case 'NotOlderThan':
      return true;
    case '':
      if ((query.get('continue') ?? '') !== '') return false;
      return limit <= 0 || resourceVersion === '' || resourceVersion === '0';
    default:
      return false;
  }
}

const isSelective = (query: Query): boolean =>
  (query.get('fieldSelector') ?? '') !== '' || (query.get('labelSelector') ?? '') !== '';

const isTokenRequest = ({ resource, subresource }: AuthorizationAttributes): boolean =>
  resource === 'serviceaccounts' && subresource === 'token';

const capped = (seatsMax: number, most: number): number => (seatsMax === 0 ? most : Math.min(seatsMax, most));

const seats = (initialSeats: number): Work => (initialSeats === 1 ? ONE_SEAT : { ...ONE_SEAT, initialSeats });
