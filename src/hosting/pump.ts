import { Heap } from 'heap-js';
import { FairQueue } from './fair-queue.js';
import type { WallClock } from './wall-clock.js';

/** How long one cluster may hold the process before others have their turn. */
const SLICE_MS = 4;
/** `setTimeout` fires at once for anything longer. */
const TIMEOUT_MAX_MS = 2 ** 31 - 1;
/** Something that has work at wall times of its own. */
export interface PumpTask {
  /** Whose it is: with much to do at once, each has one slice after another's. */
  readonly tenant: string;
  /** When there is work to do; `undefined` for none, and a time that is past for now. */
  readonly dueAt: number | undefined;
  /** Works until done or until `mayContinue` says no; whether there is more to do now. */
  runSlice(mayContinue: () => boolean): boolean;
}

/** Where the pump stands with a task: in turn for a slice, and the earliest alarm that is set for it. */
interface Standing {
  /** `undefined` once it is forgotten: an alarm that is still to ring holds on to nothing. */
  task: PumpTask | undefined;
  isBusy: boolean;
  alarm: number | undefined;
}

interface Alarm {
  readonly wall: number;
  readonly standing: Standing;
}

/**
 * Lets many clusters' time pass in one process: one timer serves a heap of wall times, and those with work run in slices,
 * their tenants in turn and each tenant's in turn, with the process's input and output between two slices. A task without
 * work costs nothing.
 */
export class Pump {
  readonly #wallClock: WallClock;
  readonly #standings = new Map<PumpTask, Standing>();
  readonly #alarms = new Heap<Alarm>((a, b) => a.wall - b.wall);
  readonly #busy = new FairQueue<PumpTask>();
  #immediate: NodeJS.Immediate | undefined;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Infinity;

  constructor(wallClock: WallClock) {
    this.#wallClock = wallClock;
  }

  add(task: PumpTask): void {
    this.#standings.set(task, { task, isBusy: false, alarm: undefined });
    this.schedule(task);
  }

  /** Forgets a task. Alarms set for it do nothing. */
  remove(task: PumpTask): void {
    const standing = this.#standings.get(task);
    if (standing === undefined) return;
    standing.task = undefined;
    this.#standings.delete(task);
  }

  isBusy(task: PumpTask): boolean {
    return this.#standings.get(task)?.isBusy ?? false;
  }

  /** To be called whenever a task's next work may have come nearer. */
  schedule(task: PumpTask): void {
    const standing = this.#standings.get(task);
    if (standing === undefined || standing.isBusy) return;
    const due = task.dueAt;
    if (due === undefined) return;
    if (due <= this.#wallClock.now()) this.#makeBusy(task, standing);
    else if (standing.alarm === undefined || due < standing.alarm) this.#setAlarm(standing, due);
  }

  stop(): void {
    this.#standings.clear();
    this.#alarms.clear();
    this.#busy.clear();
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    this.#immediate = undefined;
  }

  #makeBusy(task: PumpTask, standing: Standing): void {
    standing.isBusy = true;
    this.#busy.add(task.tenant, task);
    this.#immediate ??= setImmediate(this.#runTurn);
  }

  /** One slice of one task: a single slice a turn of Node's loop, so that input and output wait for one at most. */
  readonly #runTurn = (): void => {
    this.#immediate = undefined;
    const task = this.#busy.next();
    const standing = task === undefined ? undefined : this.#standings.get(task);
    if (task !== undefined && standing !== undefined) {
      const end = this.#wallClock.elapsed() + SLICE_MS;
      const hasMore = task.runSlice(() => this.#wallClock.elapsed() < end);
      if (hasMore) this.#busy.add(task.tenant, task);
      else {
        standing.isBusy = false;
        this.schedule(task);
      }
    }
    if (this.#busy.size > 0) this.#immediate ??= setImmediate(this.#runTurn);
  };

  #setAlarm(standing: Standing, wall: number): void {
    standing.alarm = wall;
    this.#alarms.push({ wall, standing });
    if (wall < this.#timerAt) this.#armTimer(wall);
  }

  #armTimer(wall: number): void {
    clearTimeout(this.#timer);
    this.#timerAt = wall;
    const wait = Math.min(Math.max(wall - this.#wallClock.now(), 0), TIMEOUT_MAX_MS);
    this.#timer = setTimeout(this.#ring, wait);
  }

  readonly #ring = (): void => {
    this.#timerAt = Infinity;
    const now = this.#wallClock.now();
    for (let next = this.#alarms.peek(); next !== undefined && next.wall <= now; next = this.#alarms.peek()) {
      this.#alarms.pop();
      const { standing } = next;
      // A later alarm of a task that an earlier one woke already: what it was set for is done, or set anew.
      if (standing.alarm !== next.wall) continue;
      standing.alarm = undefined;
      if (standing.task !== undefined) this.schedule(standing.task);
    }
    const next = this.#alarms.peek();
    if (next !== undefined) this.#armTimer(next.wall);
  };
}
