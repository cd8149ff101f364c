import { after, seconds, type Duration, type Instant } from '../../kernel/clock.js';

/** Upstream's `--node-eviction-rate` of 0.1: after one node of a zone, the next one's pods leave this much later. */
const EVICTION_INTERVAL = seconds(10);
/** `--secondary-node-eviction-rate` of 0.01, for a large zone of which most is lost. */
const SECONDARY_EVICTION_INTERVAL = seconds(100);
/** `--large-cluster-size-threshold`: in a smaller zone nothing is evicted then. */
const LARGE_ZONE_NODES = 50;
/** `--unhealthy-zone-threshold`, and the least number of nodes that it is about. */
const UNHEALTHY_SHARE = 0.55;
const UNHEALTHY_NODES_MIN = 3;

interface Zone {
  ready: number;
  unready: number;
  interval: Duration | undefined;
  /** When its next node may be evicted. */
  turn: Instant | undefined;
}

/**
 * How the zones are, by the nodes that are Ready. One lost zone is evicted as single nodes are; where most of a zone is lost
 * but not all, it is rather the network; and where nothing at all is Ready, it is rather the control plane that is cut off.
 */
export class ZoneCensus {
  readonly #nodes = new Map<string, { readonly zone: string; readonly isReady: boolean }>();
  readonly #zones = new Map<string, Zone>();
  #liveZones = 0;
  #hasChanged = false;

  note(name: string, zone: string, isReady: boolean, now: Instant): void {
    const former = this.#nodes.get(name);
    if (former?.zone === zone && former.isReady === isReady) return;
    this.#nodes.set(name, { zone, isReady });
    if (former !== undefined) this.#count(former.zone, former.isReady, -1, now);
    this.#count(zone, isReady, 1, now);
  }

  forget(name: string, now: Instant): void {
    const former = this.#nodes.get(name);
    if (former === undefined) return;
    this.#nodes.delete(name);
    this.#count(former.zone, former.isReady, -1, now);
  }

  /** Whether no node of any zone is Ready. */
  get isBlackout(): boolean {
    return this.#zones.size > 0 && this.#liveZones === 0;
  }

  /** When the next node of this zone may be evicted; `undefined` while none may. */
  turnOf(zone: string, now: Instant): Instant | undefined {
    const found = this.#zones.get(zone);
    if (this.isBlackout || found?.interval === undefined) return undefined;
    return found.turn ?? now;
  }

  evicted(zone: string, now: Instant): void {
    const found = this.#zones.get(zone);
    if (found?.interval !== undefined) found.turn = after(now, found.interval);
  }

  /** The nodes that something has changed for since this was last asked: those that are not Ready, or none. */
  takeAffected(): readonly string[] {
    if (!this.#hasChanged) return [];
    this.#hasChanged = false;
    return Array.from(this.#nodes).flatMap(([name, { isReady }]) => (isReady ? [] : [name]));
  }

  #count(name: string, isReady: boolean, step: number, now: Instant): void {
    const zone = this.#zones.get(name) ?? { ready: 0, unready: 0, interval: EVICTION_INTERVAL, turn: undefined };
    const [wasBlackout, wasLive] = [this.isBlackout, zone.ready > 0];
    if (isReady) zone.ready += step;
    else zone.unready += step;
    this.#liveZones += Number(zone.ready > 0) - Number(wasLive);
    if (zone.ready + zone.unready === 0) this.#zones.delete(name);
    else this.#zones.set(name, zone);
    const interval = intervalOf(zone);
    if (interval !== zone.interval) {
      const mustWait = zone.interval === undefined || (zone.turn !== undefined && zone.turn > now);
      zone.interval = interval;
      zone.turn = mustWait && interval !== undefined ? after(now, interval) : zone.turn;
      this.#hasChanged = true;
    }
    if (this.isBlackout !== wasBlackout) this.#hasChanged = true;
  }
}

function intervalOf({ ready, unready }: Zone): Duration | undefined {
  const isPartial = ready > 0 && unready >= UNHEALTHY_NODES_MIN && unready / (ready + unready) >= UNHEALTHY_SHARE;
  if (!isPartial) return EVICTION_INTERVAL;
  return ready + unready > LARGE_ZONE_NODES ? SECONDARY_EVICTION_INTERVAL : undefined;
}
