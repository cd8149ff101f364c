import { microTimestamp, timestamp } from '../../kernel/clock.js';
import type { Lease } from '../../machinery/api/coordination-v1.js';
import type { Node } from '../../machinery/api/core-v1.js';
import type { Kind } from '../../machinery/kind.js';
import type { KubeObject } from '../../machinery/object.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import type { Item } from '../encoding/list-body.js';
import type { HeartbeatSource } from '../heartbeats.port.js';

/** What a kubelet reports with every heartbeat. */
const KUBELET_CONDITIONS: readonly string[] = ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'];

/**
 * Leases and Nodes of the healthy as they would read had every renewal been written. Nothing is stored: the shown object
 * is a copy with the derived times, at the stored revision.
 */
export class Heartbeats {
  readonly #source: HeartbeatSource | undefined;
  readonly #text: TextCodec;

  constructor(source: HeartbeatSource | undefined, text: TextCodec) {
    this.#source = source;
    this.#text = text;
  }

  /** Whether the kind has times that are derived. */
  concerns({ group, kind }: Kind): boolean {
    if (this.#source === undefined) return false;
    return (group === 'coordination.k8s.io' && kind === 'Lease') || (group === '' && kind === 'Node');
  }

  /** The item as it is to be shown now; itself where nothing is derived. */
  shown<Shown extends Item>(kind: Kind, item: Shown): Item {
    if (!this.concerns(kind)) return item;
    const object = kind.kind === 'Lease' ? this.#lease(item.object as Lease) : this.#node(item.object as Node);
    return object === undefined ? item : new DerivedItem(object, this.#text);
  }

  #lease(lease: Lease): Lease | undefined {
    const renewed = this.#source?.leaseRenewTime(lease.metadata.namespace ?? '', lease.metadata.name);
    if (renewed === undefined) return undefined;
    return { ...lease, spec: { ...lease.spec, renewTime: microTimestamp(renewed) } };
  }

  #node(node: Node): Node | undefined {
    const beat = this.#source?.nodeHeartbeat(node.metadata.name);
    const conditions = node.status?.conditions;
    if (beat === undefined || conditions === undefined) return undefined;
    const lastHeartbeatTime = timestamp(beat);
    const renewed = conditions.map((each) =>
      KUBELET_CONDITIONS.includes(each.type) ? { ...each, lastHeartbeatTime } : each,
    );
    return { ...node, status: { ...node.status, conditions: renewed } };
  }
}

class DerivedItem implements Item {
  readonly object: KubeObject;
  readonly #text: TextCodec;

  constructor(object: KubeObject, text: TextCodec) {
    this.object = object;
    this.#text = text;
  }

  get bytes(): Uint8Array {
    return this.#text.encode(JSON.stringify(this.object));
  }
}
