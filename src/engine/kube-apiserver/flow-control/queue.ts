import { Bag, type Bagged } from '../../kernel/bag.js';
import { maxSeatsOf, totalWorkOf, type Work } from './work.js';

/** A request that waits for seats or holds them; only its queue set changes what is of it here. */
export interface Place extends Bagged {
  work: Work;
  arrivedAt: number;
  /** The progress of the queues when it arrived. */
  arrivalProgress: number;
  /** `undefined` while it waits. */
  startedAt: number | undefined;
  /** `undefined` for one that needs no queue. */
  queue: Queue | undefined;
  /** Has it executed, after it had to wait. */
  begin(): void;
}

/** One of a level's queues: what waits in it, and what was taken out of it and is not finished. */
export class Queue {
  readonly index: number;
  readonly executing = new Bag<Place>();
  /** The progress at which its next request would begin if queues were served bit by bit, in seat-milliseconds. */
  nextStart = 0;
  seatsInUse = 0;
  readonly #waiting: Place[] = [];
  #seatsWaiting = 0;
  #workWaiting = 0;

  constructor(index: number) {
    this.index = index;
  }

  get waiting(): readonly Place[] {
    return this.#waiting;
  }

  get head(): Place | undefined {
    return this.#waiting[0];
  }

  /** The most seats that what waits will take. */
  get seatsWaiting(): number {
    return this.#seatsWaiting;
  }

  /** In seat-milliseconds. */
  get workWaiting(): number {
    return this.#workWaiting;
  }

  get isActive(): boolean {
    return this.#waiting.length > 0 || this.executing.size > 0;
  }

  add(request: Place): void {
    this.#waiting.push(request);
    this.#count(request, 1);
  }

  /** Whether it was waiting here. */
  remove(request: Place): boolean {
    const at = this.#waiting.indexOf(request);
    if (at < 0) return false;
    this.#waiting.splice(at, 1);
    this.#count(request, -1);
    return true;
  }

  /** Nobody is served before he came: a queue that could not use its share does not save it up. */
  bound(): void {
    const { head } = this;
    if (head !== undefined && this.nextStart < head.arrivalProgress) this.nextStart = head.arrivalProgress;
  }

  #count({ work }: Place, sign: 1 | -1): void {
    this.#seatsWaiting += sign * maxSeatsOf(work);
    this.#workWaiting += sign * totalWorkOf(work);
  }
}
