import fc from 'fast-check';
import { instant } from '../../kernel/clock.js';
import { Random } from '../../kernel/random.js';
import type { AuditEvent } from './audit-event.js';
import { AUDIT_BYTES_MAX, AUDIT_EVENTS_MAX, AuditTrail } from './audit-trail.js';

const event = (verb: string, requestObject?: string): AuditEvent => ({
  level: 'Metadata',
  auditID: 'id',
  stage: 'ResponseComplete',
  requestURI: '/api',
  verb,
  user: { username: 'alice', groups: [] },
  impersonatedUser: undefined,
  sourceIPs: [],
  userAgent: '',
  objectRef: undefined,
  responseStatus: { code: 200 },
  requestObject,
  responseObject: undefined,
  requestReceivedTimestamp: instant(0),
  stageTimestamp: instant(0),
  annotations: undefined,
});
const trailOf = (count: number): AuditTrail => {
  const trail = new AuditTrail(Random.seeded(1));
  for (let index = 0; index < count; index++) trail.add(event(index % 2 === 0 ? 'get' : 'list'), 1);
  return trail;
};

describe('a trail of audit events', () => {
  it('keeps the newest, by number and by size, and says how many are lost', () => {
    const many = trailOf(AUDIT_EVENTS_MAX + 5_000);
    expect([many.lost, many.newest]).toEqual([5_000, AUDIT_EVENTS_MAX + 5_000]);
    expect(many.page({ filter: {}, after: 0, limit: 1 }).entries[0]?.sequence).toBe(5_001);
    const large = new AuditTrail(Random.seeded(1));
    for (let index = 0; index < 9; index++) large.add(event('create', 'x'.repeat(AUDIT_BYTES_MAX / 8)), 1);
    expect(large.lost).toBe(2);
  });

  it('gives the same events in pages of any size as at once', () => {
    fc.assert(
      fc.property(fc.nat(60), fc.integer({ min: 1, max: 20 }), fc.constantFrom('get', 'list'), (count, limit, verb) => {
        const trail = trailOf(count);
        const whole = trail.page({ filter: { verb }, after: 0, limit: Infinity }).entries;
        const paged = [];
        for (let after = 0, hasMore = true; hasMore;) {
          const page = trail.page({ filter: { verb }, after, limit });
          paged.push(...page.entries);
          ({ hasMore, last: after } = page);
        }
        expect(paged).toEqual(whole);
      }),
    );
  });

  it('knows its positions, as long as nothing behind them is lost', () => {
    const trail = trailOf(3);
    const position = trail.positionOf(1);
    expect(trail.sequenceAt(position)).toBe(1);
    expect(new AuditTrail(Random.seeded(2)).sequenceAt(position)).toBeUndefined();
    expect([trail.sequenceAt('1'), trail.sequenceAt(trail.positionOf(4))]).toEqual([undefined, undefined]);
    for (let index = 0; index < AUDIT_EVENTS_MAX; index++) trail.add(event('get'), 1);
    expect(trail.sequenceAt(position)).toBeUndefined();
  });

  it('is followed from a position on, until nobody wants it', () => {
    const trail = trailOf(4);
    const seen: number[] = [];
    const following = trail.follow({ verb: 'list' }, 2, ({ sequence }) => seen.push(sequence));
    trail.add(event('list'), 1);
    trail.add(event('get'), 1);
    following.cancel();
    trail.add(event('list'), 1);
    expect(seen).toEqual([4, 5]);
  });
});
