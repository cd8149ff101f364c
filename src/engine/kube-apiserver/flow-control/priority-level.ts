import type { PriorityLevelConfigurationSpec } from '../../machinery/api/flowcontrol-v1.js';
import { DroppedRequests } from './dropped-requests.js';
import { QueueSet, type Queuing } from './queue-set.js';
import { SeatDemand } from './seat-demand.js';

/** `--max-requests-inflight` and `--max-mutating-requests-inflight` together. */
export const SERVER_SEATS = 600;
/** The widest request of a level, as a part of its nominal seats. */
const WIDEST_PART = 0.15;

/** What is kept of a PriorityLevelConfiguration; the uid is empty where the object is missing. */
export interface LevelObject {
  readonly name: string;
  readonly uid: string;
  readonly spec: PriorityLevelConfigurationSpec;
}

/** One priority level at work: its configuration, what it may use now, and who waits in it. */
export class PriorityLevel {
  readonly name: string;
  readonly demand: SeatDemand;
  readonly queues: QueueSet;
  /** Its configuration is gone: it is kept until nobody is in it. */
  isQuiescing = false;
  #drops: DroppedRequests | undefined;
  #object: LevelObject;
  #nominal = 0;
  #min = 0;
  #max = 0;
  #seatsMax = 0;

  constructor(object: LevelObject, now: number) {
    this.name = object.name;
    this.#object = object;
    this.demand = new SeatDemand(now);
    this.queues = new QueueSet(this.demand, now);
    this.adopt(object);
  }

  get uid(): string {
    return this.#object.uid;
  }

  /** Who was refused lately. */
  get drops(): DroppedRequests {
    return (this.#drops ??= new DroppedRequests());
  }

  get isExempt(): boolean {
    return this.#object.spec.type === 'Exempt';
  }

  get shares(): number {
    const { limited, exempt } = this.#object.spec;
    return (limited ?? exempt)?.nominalConcurrencyShares ?? 0;
  }

  /** `undefined`: who finds no seat is refused. */
  get queuing(): Queuing | undefined {
    const queuing = this.#object.spec.limited?.limitResponse?.queuing;
    if (queuing === undefined) return undefined;
    const { queues = 1, handSize = 1, queueLengthLimit = 1 } = queuing;
    return { queues, handSize, queueLengthLimit };
  }

  /** Its part of the server's seats. */
  get nominal(): number {
    return this.#nominal;
  }

  /** What it never lends. */
  get min(): number {
    return this.#min;
  }

  /** What it has at most, borrowed seats included. */
  get max(): number {
    return this.#max;
  }

  /** No request is estimated to be wider; 0 where the level sets no limit. */
  get seatsMax(): number {
    return this.#seatsMax;
  }

  adopt(object: LevelObject): void {
    this.#object = object;
    this.isQuiescing = false;
    this.queues.configure(this.queuing, this.isExempt);
  }

  divide(shareSum: number): void {
    const { limited, exempt } = this.#object.spec;
    const nominal = shareSum === 0 ? 0 : Math.ceil((SERVER_SEATS * this.shares) / shareSum);
    const part = (percent: number): number => Math.round((nominal * percent) / 100);
    this.#nominal = nominal;
    this.#min = nominal - part((limited ?? exempt)?.lendablePercent ?? 0);
    const borrowing = limited?.borrowingLimitPercent;
    this.#max = nominal + (borrowing === undefined ? SERVER_SEATS : part(borrowing));
    const { queuing } = this;
    if (queuing === undefined) return;
    const byHand = Math.floor(nominal / queuing.handSize);
    this.#seatsMax = Math.max(1, Math.min(Math.ceil(nominal * WIDEST_PART), byHand));
  }
}
