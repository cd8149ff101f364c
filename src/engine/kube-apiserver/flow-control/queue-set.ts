/**
 * The seats and queues of one priority level: fair queuing between the queues as upstream's queueset does it, by the work
 * that each has been given. A queue exists only while something waits in it or holds seats, so that levels at rest cost
 * nothing. Nothing here calls back: whoever asks for the next request begins it.
 */
import { assert } from '../../kernel/assert.js';
import { Bag } from '../../kernel/bag.js';
import { Queue, type Place } from './queue.js';
import type { SeatDemand } from './seat-demand.js';
import { finalWorkOf, maxSeatsOf, SERVICE_GUESS_MS, totalWorkOf, type Work } from './work.js';

export interface Queuing {
  readonly queues: number;
  readonly handSize: number;
  readonly queueLengthLimit: number;
}

export type Admission = 'executing' | 'waiting' | 'refused';

const NOTHING_LINGERS: readonly Lingering[] = Object.freeze([]);
const NO_QUEUES: ReadonlyMap<number, Queue> = new Map();
const NO_PLACES: readonly Place[] = Object.freeze([]);

interface Lingering {
  readonly until: number;
  readonly place: Place;
}

export class QueueSet {
  readonly figures = { dispatched: 0, rejected: 0, cancelled: 0 };
  readonly #demand: SeatDemand;
  /** `undefined`: who finds no seat is refused. */
  #queuing: Queuing | undefined;
  #isExempt = false;
  #limit = 0;
  #queues: Map<number, Queue> | undefined;
  #queueless: Bag<Place> | undefined;
  /** Seats that are kept though their request was answered, the earliest to go first. */
  #lingering: readonly Lingering[] = NOTHING_LINGERS;
  /** How much each queue with work has been given, in seat-milliseconds. */
  #progress = 0;
  #progressAt: number;
  #lastServed = 0;
  #enqueued = 0;
  #waiting = 0;
  #executing = 0;
  #seatsInUse = 0;
  #seatsWaiting = 0;

  constructor(demand: SeatDemand, now: number) {
    this.#demand = demand;
    this.#progressAt = now;
  }

  get waiting(): number {
    return this.#waiting;
  }

  get executing(): number {
    return this.#executing;
  }

  get seatsInUse(): number {
    return this.#seatsInUse;
  }

  get limit(): number {
    return this.#limit;
  }

  get isIdle(): boolean {
    return this.#waiting === 0 && this.#executing === 0;
  }

  /** When the next seats go free by themselves. */
  get lingersUntil(): number | undefined {
    return this.#lingering[0]?.until;
  }

  get queues(): ReadonlyMap<number, Queue> {
    return this.#queues ?? NO_QUEUES;
  }

  /** What is executed without a queue. */
  get queueless(): Iterable<Place> {
    return this.#queueless ?? NO_PLACES;
  }

  configure(queuing: Queuing | undefined, isExempt: boolean): void {
    this.#queuing = queuing;
    this.#isExempt = isExempt;
  }

  /** Lets what is due at the latest by now have happened. */
  advance(now: number): void {
    this.#sync(now);
  }

  setLimit(limit: number, now: number): void {
    this.#sync(now);
    this.#limit = limit;
  }

  /** Whether a request may begin at this instant without passing another one. */
  hasRoomFor(seats: number, now: number): boolean {
    if (this.#isExempt) return true;
    if (this.#waiting > 0) return false;
    if (this.#lingering.length > 0) this.#sync(now);
    if (this.#queuing !== undefined && this.#seatsInUse >= this.#limit) return false;
    return this.#fits(seats);
  }

  /** One that began and ended at this instant, for which there was room. */
  passed(seats: number): void {
    this.figures.dispatched++;
    this.#demand.touch(seats);
  }

  /** Takes a request in: at once, to a queue of its hand, or not at all. */
  enter(place: Place, hand: readonly number[], now: number): Admission {
    this.#sync(now);
    place.arrivedAt = now;
    place.arrivalProgress = this.#progress;
    const seats = maxSeatsOf(place.work);
    if (this.#isExempt || this.#queuing === undefined) {
      if (this.#isExempt || this.#fits(seats)) return this.#begin(place, undefined, now);
      this.figures.rejected++;
      return 'refused';
    }
    const queue = this.#shortestOf(hand);
    if (this.#seatsInUse >= this.#limit && queue.waiting.length >= this.#queuing.queueLengthLimit) {
      this.figures.rejected++;
      this.#dropIfUnused(queue);
      return 'refused';
    }
    if (!queue.isActive) queue.nextStart = this.#progress;
    place.queue = queue;
    queue.add(place);
    queue.bound();
    this.#waiting++;
    this.#seatsWaiting += seats;
    this.#note(now);
    return this.#waiting === 1 && this.next(now) === place ? 'executing' : 'waiting';
  }

  /** Gives seats to one that is being executed already, because there was room when it came. */
  hold(place: Place, hand: readonly number[], now: number): void {
    this.#sync(now);
    place.arrivedAt = now;
    place.arrivalProgress = this.#progress;
    const queue = this.#isExempt || this.#queuing === undefined ? undefined : this.#shortestOf(hand);
    if (queue !== undefined && !queue.isActive) queue.nextStart = this.#progress;
    this.#begin(place, queue, now);
  }

  /** Takes the request whose turn it is out of its queue and gives it seats; `undefined` where none can begin now. */
  next(now: number): Place | undefined {
    this.#sync(now);
    if (this.#waiting === 0 || this.#seatsInUse >= this.#limit) return undefined;
    const queue = this.#fairest();
    const place = queue?.head;
    if (queue === undefined || place === undefined || !this.#fits(maxSeatsOf(place.work))) return undefined;
    this.#takeOut(place, queue);
    place.work = this.#narrowed(place.work);
    this.#lastServed = queue.index;
    this.#begin(place, queue, now);
    queue.bound();
    return place;
  }

  /** One that is being executed is done. Its seats go free, at once or after its additional latency. */
  finish(place: Place, now: number): void {
    this.#sync(now);
    this.#executing--;
    const { queue, work, startedAt = now } = place;
    if (queue === undefined) this.#queueless?.delete(place);
    else {
      queue.executing.delete(place);
      queue.nextStart -= work.initialSeats * (SERVICE_GUESS_MS - (now - startedAt));
      queue.bound();
    }
    if (work.additionalLatency <= 0 || this.#isExempt) this.#free(place, now);
    else this.#linger({ until: now + work.additionalLatency, place });
  }

  /** One that waits does so no longer: its client went away, or it has waited for too long. */
  cancel(place: Place, now: number): void {
    this.#sync(now);
    const queue = place.queue;
    assert(queue !== undefined, 'only what is in a queue is cancelled');
    this.#takeOut(place, queue);
    queue.bound();
    this.figures.rejected++;
    this.figures.cancelled++;
    this.#note(now);
    this.#dropIfUnused(queue);
  }

  /** Frees the seats of what is answered: for when time stands still. */
  endLingering(now: number): void {
    const lingering = this.#lingering;
    this.#lingering = NOTHING_LINGERS;
    for (const { place } of lingering) this.#free(place, now);
  }

  #begin(place: Place, queue: Queue | undefined, now: number): 'executing' {
    const seats = maxSeatsOf(place.work);
    place.startedAt = now;
    place.queue = queue;
    this.figures.dispatched++;
    this.#executing++;
    this.#seatsInUse += seats;
    if (queue === undefined) (this.#queueless ??= new Bag()).add(place);
    else {
      queue.executing.add(place);
      queue.seatsInUse += seats;
      queue.nextStart += totalWorkOf(place.work);
    }
    this.#note(now);
    return 'executing';
  }

  #takeOut(place: Place, queue: Queue): void {
    const wasWaiting = queue.remove(place);
    assert(wasWaiting, 'a request waits in its queue');
    this.#waiting--;
    this.#seatsWaiting -= maxSeatsOf(place.work);
  }

  /** Upstream keeps one that is too wide for the whole level waiting until it is alone. */
  #fits(seats: number): boolean {
    if (seats > this.#limit) return this.#executing === 0;
    return this.#seatsInUse + seats <= this.#limit;
  }

  /** What would linger on more seats than there are lingers longer on fewer. */
  #narrowed(work: Work): Work {
    if (work.finalSeats <= this.#limit) return work;
    return { ...work, finalSeats: this.#limit, additionalLatency: finalWorkOf(work) / this.#limit };
  }

  /** The queue of a hand in which the least work waits. Where several do, each call begins with another one. */
  #shortestOf(hand: readonly number[]): Queue {
    const first = this.#enqueued++ % hand.length;
    let best: number | undefined;
    let least = Infinity;
    for (let step = 0; step < hand.length; step++) {
      const index = hand[(first + step) % hand.length]!;
      const work = this.#queues?.get(index)?.workWaiting ?? 0;
      if (work >= least) continue;
      least = work;
      best = index;
    }
    assert(best !== undefined, 'a hand has a card');
    this.#queues ??= new Map();
    const known = this.#queues.get(best);
    if (known !== undefined) return known;
    const queue = new Queue(best);
    this.#queues.set(best, queue);
    return queue;
  }

  /** The queue whose oldest request would be finished first; of several, the next after the one that was served last. */
  #fairest(): Queue | undefined {
    let best: Queue | undefined;
    let bestFinish = Infinity;
    let bestDistance = Infinity;
    for (const queue of this.queues.values()) {
      const { head, index } = queue;
      if (head === undefined) continue;
      const finish = queue.nextStart + totalWorkOf(head.work);
      const distance = index > this.#lastServed ? index : index + Number.MAX_SAFE_INTEGER / 2;
      if (finish > bestFinish || (finish === bestFinish && distance >= bestDistance)) continue;
      best = queue;
      bestFinish = finish;
      bestDistance = distance;
    }
    return best;
  }

  #linger(lingering: Lingering): void {
    let at = this.#lingering.length;
    while (at > 0 && this.#lingering[at - 1]!.until > lingering.until) at--;
    this.#lingering = this.#lingering.toSpliced(at, 0, lingering);
  }

  #free(place: Place, now: number): void {
    const seats = maxSeatsOf(place.work);
    this.#seatsInUse -= seats;
    this.#note(now);
    const queue = place.queue;
    if (queue === undefined) return;
    queue.seatsInUse -= seats;
    this.#dropIfUnused(queue);
  }

  #dropIfUnused(queue: Queue): void {
    if (!queue.isActive && queue.seatsInUse === 0) this.#queues?.delete(queue.index);
  }

  #note(now: number): void {
    this.#demand.set(this.#seatsInUse + this.#seatsWaiting, now);
  }

  /** What has happened since: seats that lingered go free, and the queues get on. */
  #sync(now: number): void {
    for (let next = this.#lingering[0]; next !== undefined && next.until <= now; next = this.#lingering[0]) {
      this.#lingering = this.#lingering.slice(1);
      this.#getOn(next.until);
      this.#free(next.place, next.until);
    }
    this.#getOn(now);
  }

  #getOn(now: number): void {
    const span = now - this.#progressAt;
    if (span <= 0) return;
    this.#progressAt = now;
    let active = 0;
    for (const queue of this.queues.values()) if (queue.isActive) active++;
    if (active === 0) return;
    const wanted = Math.min(this.#seatsInUse + this.#seatsWaiting, this.#limit);
    this.#progress += (span * wanted) / active;
  }
}
