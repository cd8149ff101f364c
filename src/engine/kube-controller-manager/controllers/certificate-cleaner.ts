// Mirrors upstream's csrcleaner: requests that are done with, or that nobody decides, go after a while.
import {
  after,
  hours,
  milliseconds,
  parseTimestamp,
  seconds,
  type Duration,
  type Instant,
} from '../../kernel/clock.js';
import { certificateSigningRequest } from '../../kinds/certificate-signing-request.js';
import type { CertificateSigningRequest } from '../../machinery/api/certificates-v1.js';
import { isIssued } from '../certificates/requests.js';
import { defineController } from '../controller.js';

const DONE = hours(1);
const PENDING = hours(24);
/** Upstream looks once an hour: what is due goes with the next look. */
const LOOK = hours(1);

/** When each request that is due is looked at, by its name. */
type Looks = Map<string, Instant>;

export const certificateCleaner = defineController<CertificateSigningRequest, Looks>({
  name: 'certificatesigningrequest-cleaner-controller',
  serviceAccount: 'certificate-controller',
  primary: certificateSigningRequest,
  newState: () => new Map(),

  reconcile({ client, key, simulation, state }, object) {
    const due = object === undefined ? undefined : dueAt(object);
    const { now } = simulation;
    const look = state.get(key);
    if (object === undefined || due === undefined || (look !== undefined && now >= look && now > due)) {
      state.delete(key);
      if (object !== undefined && due !== undefined) client.delete(certificateSigningRequest, object);
      return undefined;
    }
    // What is due already when it is first seen waits for the next look, too.
    const wait = Math.max(Math.ceil((due - now + 1) / LOOK), 1) * LOOK;
    const next = after(now, milliseconds(look !== undefined && look > now ? Math.min(look - now, wait) : wait));
    state.set(key, next);
    return milliseconds(next - now);
  },
});

function dueAt(object: CertificateSigningRequest): Instant | undefined {
  const { metadata, spec, status } = object;
  const conditions = status?.conditions ?? [];
  if (conditions.length === 0) return later(metadata.creationTimestamp, PENDING);
  const ends = conditions.flatMap(({ type, lastUpdateTime }) => {
    if (type === 'Denied' || type === 'Failed') return later(lastUpdateTime, DONE) ?? [];
    if (type !== 'Approved') return [];
    if (!isIssued(object)) return later(lastUpdateTime, PENDING) ?? [];
    const lifetime = spec.expirationSeconds === undefined ? DONE : seconds(spec.expirationSeconds);
    return later(lastUpdateTime, Math.min(DONE, lifetime) as Duration) ?? [];
  });
  return ends.length === 0 ? undefined : (Math.min(...ends) as Instant);
}

function later(time: string | null | undefined, wait: Duration): Instant | undefined {
  const at = parseTimestamp(time ?? '');
  return at === undefined ? undefined : after(at, wait);
}
