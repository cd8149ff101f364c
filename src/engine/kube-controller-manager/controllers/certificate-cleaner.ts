// Mirrors upstream's csrcleaner: requests that are done with, or that nobody decides, go after a while.
import { after, hours, parseTimestamp, seconds, type Duration, type Instant } from '../../kernel/clock.js';
import { certificateSigningRequest } from '../../kinds/certificate-signing-request.js';
import type { CertificateSigningRequest } from '../../machinery/api/certificates-v1.js';
import { isIssued } from '../certificates/requests.js';
import { defineController } from '../controller.js';

const DONE = hours(1);
const PENDING = hours(24);
/** Upstream looks once an hour: what is due goes with the next look. */
const LOOK = hours(1);

export const certificateCleaner = defineController<CertificateSigningRequest>({
  name: 'certificatesigningrequest-cleaner-controller',
  serviceAccount: 'certificate-controller',
  primary: certificateSigningRequest,

  reconcile({ client, simulation }, object) {
    if (object === undefined) return undefined;
    const due = dueAt(object);
    if (due === undefined) return undefined;
    if (simulation.now > due) {
      client.delete(certificateSigningRequest, object);
      return undefined;
    }
    return (Math.ceil((due - simulation.now + 1) / LOOK) * LOOK) as Duration;
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
