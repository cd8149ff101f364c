import { OUTSIDE } from '../../kernel/bag.js';
import fc from 'fast-check';
import type { Place, Queue } from './queue.js';
import { QueueSet, type Queuing } from './queue-set.js';
import { SeatDemand } from './seat-demand.js';
import { ONE_SEAT, type Work } from './work.js';

class Request implements Place {
  slot = OUTSIDE;
  work: Work;
  arrivedAt = 0;
  arrivalProgress = 0;
  startedAt: number | undefined;
  queue: Queue | undefined;
  readonly flow: number;

  constructor(flow: number, work: Work = ONE_SEAT) {
    this.flow = flow;
    this.work = work;
  }

  begin(): void {}
}

const QUEUING = { queues: 8, handSize: 1, queueLengthLimit: 50 };

function levelOf(limit: number, queuing: Queuing | 'none' = QUEUING) {
  const demand = new SeatDemand(0);
  const set = new QueueSet(demand, 0);
  set.configure(queuing === 'none' ? undefined : queuing, false);
  set.setLimit(limit, 0);
  return { set, demand };
}

const wide = (initialSeats: number): Work => ({ ...ONE_SEAT, initialSeats });

describe('a queue set', () => {
  it('executes as many as it has seats, lets the others wait, and refuses who finds his queue full', () => {
    const { set } = levelOf(2, { ...QUEUING, queueLengthLimit: 2 });
    const answers = Array.from({ length: 6 }, () => set.enter(new Request(0), [0], 0));
    expect(answers).toEqual(['executing', 'executing', 'waiting', 'waiting', 'refused', 'refused']);
    expect([set.executing, set.waiting, set.figures.rejected]).toEqual([2, 2, 2]);
  });

  it('refuses at once where it has no queues', () => {
    const { set } = levelOf(1, 'none');
    const first = new Request(0);
    expect(set.enter(first, [], 0)).toBe('executing');
    expect(set.enter(new Request(0), [], 0)).toBe('refused');
    set.finish(first, 1);
    expect(set.enter(new Request(0), [], 1)).toBe('executing');
  });

  it('lets one that is too wide for the level wait until it is alone', () => {
    const { set } = levelOf(2);
    const first = new Request(0);
    const tooWide = new Request(1, wide(5));
    set.enter(first, [0], 0);
    expect(set.enter(tooWide, [1], 0)).toBe('waiting');
    expect(set.next(0)).toBeUndefined();
    set.finish(first, 1);
    expect(set.next(1)).toBe(tooWide);
    expect(set.seatsInUse).toBe(5);
  });

  it('keeps the seats of what lingers for as long as it does', () => {
    const { set } = levelOf(1);
    const first = new Request(0, { initialSeats: 1, finalSeats: 1, additionalLatency: 5 });
    const second = new Request(1);
    set.enter(first, [0], 0);
    set.finish(first, 0);
    expect(set.enter(second, [1], 1)).toBe('waiting');
    expect([set.lingersUntil, set.next(4)]).toEqual([5, undefined]);
    expect(set.next(5)).toBe(second);
  });

  it('forgets its queues when nothing is in them', () => {
    const { set } = levelOf(1);
    const requests = Array.from({ length: 5 }, (_, index) => new Request(index));
    for (const each of requests) set.enter(each, [each.flow], 0);
    expect(set.queues.size).toBe(5);
    set.cancel(requests[4]!, 1);
    set.finish(requests[0]!, 1);
    for (let next = set.next(1); next !== undefined; next = set.next(1)) set.finish(next as Request, 1);
    expect([set.queues.size, set.seatsInUse, set.isIdle]).toEqual([0, 0, true]);
  });

  it('gives two flows that always want more the same work, however much more the one sends', () => {
    const burst = fc.integer({ min: 20, max: 50 });
    fc.assert(
      fc.property(burst, burst, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 2, max: 8 }), (...given) => {
        const [one, other, width, seated] = given;
        const [first = 0, second = 0] = workDone([one, other], wide(width), width * seated);
        expect(Math.abs(first - second)).toBeLessThan((first + second) * 0.05);
      }),
      { numRuns: 40 },
    );
  });

  it('never has more seats in use than it may, nor any to spare while somebody waits who fits', () => {
    const step = fc.record({ flow: fc.nat(7), width: fc.integer({ min: 1, max: 2 }), ends: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 2, max: 5 }), (steps, limit) => {
        const { set } = levelOf(limit);
        const executing: Request[] = [];
        steps.forEach(({ flow, width, ends }, now) => {
          const done = ends ? executing.shift() : undefined;
          if (done !== undefined) set.finish(done, now);
          const request = new Request(flow, wide(width));
          if (set.enter(request, [flow], now) === 'executing') executing.push(request);
          for (let next = set.next(now); next !== undefined; next = set.next(now)) executing.push(next as Request);
          const inUse = executing.reduce((sum, { work }) => sum + work.initialSeats, 0);
          expect([set.seatsInUse, set.executing]).toEqual([inUse, executing.length]);
          expect(inUse).toBeLessThanOrEqual(limit);
          if (set.waiting > 0) expect(inUse).toBeGreaterThanOrEqual(limit - 1);
        });
      }),
    );
  });
});

/** The seat-milliseconds of each flow after a while in which both kept their queues filled. */
function workDone(bursts: readonly number[], each: Work, limit: number): number[] {
  const { set } = levelOf(limit);
  const work = bursts.map(() => 0);
  const executing: { readonly request: Request; readonly until: number }[] = [];
  const start = (request: Request, now: number): void => void executing.push({ request, until: now + 10 });
  for (let now = 0; now < 4_000; now += 10) {
    while (executing[0] !== undefined && executing[0].until <= now) {
      const { request } = executing.shift()!;
      work[request.flow]! += request.work.initialSeats * 10;
      set.finish(request, now);
    }
    bursts.forEach((burst, flow) => {
      const waiting = set.queues.get(flow)?.waiting.length ?? 0;
      for (let count = waiting; count < burst; count++) {
        const request = new Request(flow, each);
        if (set.enter(request, [flow], now) === 'executing') start(request, now);
      }
    });
    for (let next = set.next(now); next !== undefined; next = set.next(now)) start(next as Request, now);
  }
  return work;
}
